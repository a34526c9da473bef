using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>A test with one real silo and one edge that it plays.</summary>
public abstract class SiloWithEdge : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal TestSilo Silo { get; private set; } = null!;

    internal ScriptedEdge Edge { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Silo = await StartSiloAsync(_folder.Path);
        Edge = await ScriptedEdge.StartAsync(Silo);
    }

    public virtual async Task DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    /// <summary>Starts the silo; with settings of the test's own, where it needs some.</summary>
    internal virtual Task<TestSilo> StartSiloAsync(string folder) => TestSilo.StartAsync(folder);

    /// <summary>Another silo on the same outbox, and another edge.</summary>
    protected Task RestartAsync() => RestartAsync(StartSiloAsync);

    internal async Task RestartAsync(Func<string, Task<TestSilo>> start)
    {
        await StopAsync();
        Silo = await start(_folder.Path);
        Edge = await ScriptedEdge.StartAsync(Silo);
    }

    protected Task SettledAsync(ulong tag) => Wait.Until(() => Silo.Settled.Contains(tag), $"delivery {tag} to be settled");

    /// <summary>The message that came as the given number, from 1, to the edge.</summary>
    protected async Task<MailboxPush> ReceivedAsync(int count)
    {
        await Wait.Until(() => Edge.Received.Count >= count, () => $"{count} messages at the edge; there are {Edge.Received.Count}");
        return Edge.Received[count - 1];
    }

    /// <summary>What the outbox counts of a user.</summary>
    protected Task<MailboxTally> TallyAsync(string user) => Silo.Store.ReadTallyAsync(ShardMap.ShardOf(user), user, CancellationToken.None);

    /// <summary>What the outbox has of a mailbox, in order.</summary>
    protected Task<IReadOnlyList<StoredMessage>> StoredAsync(string mailbox) =>
        Silo.Store.ReadAsync(ShardMap.ShardOf(mailbox), mailbox, Place.Start, 100, int.MaxValue, CancellationToken.None);

    protected void AssertBodies(params string[] bodies) => Assert.Equal(bodies, Edge.Received.Select(push => push.Notification.Text()));

    private async Task StopAsync()
    {
        await Edge.DisposeAsync();
        await Silo.DisposeAsync();
    }
}

using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Stomp;
using Xunit.Abstractions;

namespace NotifyOrleans.System.Tests;

/// <summary>Nothing is lost when the silo is killed and the broker's connections are closed while messages are under way.</summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Users = 200;
    private const int MessagesPerUser = 50;

    private readonly RunningSystem _system = new();
    private readonly Dictionary<string, UserLog> _logs = Enumerable.Range(0, Users).ToDictionary(number => $"u{number}", _ => new UserLog());
    private readonly List<StompClient> _sessions = [];

    public Task InitializeAsync() => _system.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var session in _sessions)
            await session.DisposeAsync();
        await _system.DisposeAsync();
    }

    [Fact]
    public async Task SiloKilledTwiceAndConnectionsClosedTwice_EveryUserHasEveryMessageInOrder()
    {
        var online = _logs.Keys.Where((_, index) => index % 2 == 0).ToList();
        await Task.WhenAll(online.Select(SubscribeAsync));

        var publishing = PublishAsync();
        await PublishedAsync(2000, publishing);
        await KillSiloAsync();
        await PublishedAsync(4000, publishing);
        await _system.Broker.Management.CloseConnectionsAsync("notifyorleans");
        await PublishedAsync(6000, publishing);
        await KillSiloAsync();
        await PublishedAsync(8000, publishing);
        await _system.Broker.Management.CloseConnectionsAsync("notifyorleans");
        await publishing;

        await CompleteAsync(online, "the users who were online");
        await Task.WhenAll(_logs.Keys.Except(online).Select(SubscribeAsync));
        await CompleteAsync([.. _logs.Keys], "all users");

        foreach (var (user, log) in _logs)
        {
            foreach (var key in log.Firsts.GroupBy(first => first.Destination))
                Assert.True(key.Zip(key.Skip(1)).All(pair => pair.First.Number < pair.Second.Number), $"{user}, {key.Key}: {string.Join(' ', key.Select(first => first.Number))}");
        }
        Assert.All(_logs.Values, log => Assert.Equal(0, log.UnflaggedRepeats));
        Assert.All(_sessions, session => Assert.False(session.IsEnded, "a session did not outlive the silo"));
        output.WriteLine($"{Users * MessagesPerUser} messages, {_logs.Values.Sum(log => log.Repeats)} repeats");
    }

    private int _published;

    /// <summary>Two routing keys a user; a message's number rises within each.</summary>
    private async Task PublishAsync()
    {
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        for (var number = 0; number < MessagesPerUser; number++)
        {
            await Task.WhenAll(_logs.Keys.Select(user =>
                publisher.PublishAsync($"user.{user}.{(number % 2 == 0 ? "even" : "odd")}", $"{number}", messageId: $"{user}-{number}").AsTask()));
            Interlocked.Add(ref _published, Users);
        }
    }

    private Task PublishedAsync(int count, Task publishing) =>
        Wait.Until(() => Volatile.Read(ref _published) >= count || publishing.IsFaulted, $"{count} messages to be published");

    private async Task SubscribeAsync(string user)
    {
        var session = await _system.ConnectAsync(user);
        session.KeepsFrames = true;
        session.OnFrame = _logs[user].RecordAsync;
        lock (_sessions)
            _sessions.Add(session);
        await session.SubscribeAsync($"/exchange/notifications/user.{user}.#");
    }

    private async Task KillSiloAsync()
    {
        await _system.Silo.KillAsync();
        _system.StartSilo();
        await _system.ReadyAsync();
    }

    private async Task CompleteAsync(IReadOnlyCollection<string> users, string who)
    {
        await Wait.Until(
            () => users.All(user => _logs[user].Count == MessagesPerUser),
            () => $"every message at {who}. Missing: {Missing(users)}",
            TimeSpan.FromSeconds(60));
    }

    private string Missing(IEnumerable<string> users) => string.Join("; ", users
        .Where(user => _logs[user].Count != MessagesPerUser)
        .Select(user => $"{user}: {string.Join(' ', Enumerable.Range(0, MessagesPerUser).Except(_logs[user].Firsts.Select(first => first.Number)))}"));
}

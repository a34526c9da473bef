using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;
using Xunit.Abstractions;

namespace NotifyOrleans.System.Tests.Users;

/// <summary>
/// Users who are away cost disk, not memory. By hand with as many as it is promised for:
/// <c>OFFLINE_USERS=100000 dotnet test tests/System.Tests -c Release --filter OfflineUsers --logger "console;verbosity=detailed"</c>.
/// </summary>
public sealed class OfflineUsersTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int PerUser = 10;

    // The users that come first get a quarter of all messages: then write buffers, caches, compiled code and the collector's budgets have the size that such
    // traffic gives them.
    private const int FirstUsers = 2500;

    private const int BodyBytes = 1500;

    private const long MaxGrowth = 100_000_000;

    private static readonly int Users = Scale.Of("OFFLINE_USERS", 10000);

    private readonly RunningSystem _system = new();

    public Task InitializeAsync() => _system.InitializeAsync();

    public Task DisposeAsync() => _system.DisposeAsync();

    [Fact]
    public async Task Users_AreAwayWithTenMessagesEach_MemoryDoesNotGrowWithThem_AndTheNextStartHasThem()
    {
        var idle = MemoryOfSilo();
        await StoreAsync("early", FirstUsers, Math.Max(PerUser, Users * PerUser / 4 / FirstUsers));
        var before = MemoryOfSilo();
        var clock = Stopwatch.StartNew();
        await StoreAsync("away", Users, PerUser);
        var stored = clock.Elapsed;
        var after = MemoryOfSilo();
        output.WriteLine(
            $"{Users} users with {PerUser} messages each, stored in {stored.TotalSeconds:0.0} s: memory of the silo {idle >> 20} MiB idle, {before >> 20} MiB after the first {FirstUsers} users, {after >> 20} MiB with all"
        );
        // The promise is for 100,000 users. Bodies are so large that those of the fewer ones of CI would be more, if they were kept in memory; the collector's
        // slack is less.
        Assert.InRange(after - before, long.MinValue, MaxGrowth);

        // What the broker was not told of yet it would deliver again.
        await Wait.Until(
            async () => await _system.Silo.MetricAsync("notifyorleans_streaming_deliveries_acknowledged_total") == await StoredAsync(),
            "all deliveries to be acknowledged"
        );
        await _system.Silo.KillAsync();
        clock.Restart();
        _system.Silo.Start();
        await _system.ReadyAsync();
        output.WriteLine($"killed and started again: ready after {clock.Elapsed.TotalSeconds:0.0} s");
        await using var session = await _system.ConnectAsync($"away{Users - 1}");
        await session.SubscribeAsync($"/exchange/notifications/user.away{Users - 1}.#");
        var messages = await session.MessagesAsync(PerUser);
        Assert.Equal(Enumerable.Range(0, PerUser), messages.Select(message => int.Parse(StompClient.Text(message).TrimEnd('x'), CultureInfo.InvariantCulture)));
    }

    private async Task StoreAsync(string name, int users, int perUser)
    {
        var stored = await StoredAsync();
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        for (var number = 0; number < perUser; number++)
        {
            var body = $"{number}{new string('x', BodyBytes)}";
            foreach (var some in Enumerable.Range(0, users).Chunk(1000))
                await Task.WhenAll(some.Select(user => publisher.PublishAsync($"user.{name}{user}", body).AsTask()));
        }
        var expected = stored + (users * perUser);
        await Wait.Until(async () => await StoredAsync() >= expected, $"{users * perUser} messages to be stored", TimeSpan.FromMinutes(5));
    }

    private Task<double> StoredAsync() => _system.Silo.MetricAsync("notifyorleans_outbox_rows_appended_total");

    private long MemoryOfSilo()
    {
        using var process = Process.GetProcessById(_system.Silo.Id);
        return process.WorkingSet64;
    }
}

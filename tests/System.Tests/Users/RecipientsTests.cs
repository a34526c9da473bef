using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;
using Xunit.Abstractions;

namespace NotifyOrleans.System.Tests.Users;

/// <summary>
/// One message to many users by the recipients header, half of them away. By hand with as many as it is promised for:
/// <c>RECIPIENTS=10000 dotnet test tests/System.Tests -c Release --filter RecipientsTests --logger "console;verbosity=detailed"</c>; with
/// <c>RECIPIENTS_SILOS=2</c> on two silos with PostgreSQL, and <c>RECIPIENTS_MESSAGES</c>, <c>RECIPIENTS_AT_ONCE</c> (of these), <c>RECIPIENTS_BYTES</c> and
/// <c>RECIPIENTS_ONLINE</c> (percent) as wanted.
/// </summary>
public sealed class RecipientsTests(RecipientsTests.Fixture fixture, ITestOutputHelper output) : IClassFixture<RecipientsTests.Fixture>
{
    private static readonly int Count = Scale.Of("RECIPIENTS", 200);
    private static readonly int Messages = Scale.Of("RECIPIENTS_MESSAGES", 1);
    private static readonly int AtOnce = Scale.Of("RECIPIENTS_AT_ONCE", 1);
    private static readonly int BodyBytes = Scale.Of("RECIPIENTS_BYTES", 300);
    private static readonly int PercentOnline = Scale.Of("RECIPIENTS_ONLINE", 50);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly RunningSystem _system = fixture.System;

    [Fact]
    public async Task Message_ToManyUsersOfWhomSomeAreAway_EachGetsItOnce()
    {
        var users = UsersOf("r", Count);
        var online = users[..(Count * PercentOnline / 100)];
        await using var sessions = await SubscribeAsync(online);
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        for (var first = 1; first <= Messages; first += AtOnce)
        {
            var numbers = Enumerable.Range(first, Math.Min(AtOnce, Messages - first + 1)).ToList();
            var (logged, settled, stored) = (await SumAsync("deliveries_logged"), await SumAsync("deliveries_settled"), await SumAsync("outbox_rows_appended"));
            var (cpu, clock) = (CpuOfSilos(), Stopwatch.StartNew());
            await Task.WhenAll(
                numbers.Select(number => publisher.PublishAsync("round", $"{number}{new string('x', BodyBytes)}", headers: HeadersFor(users)).AsTask())
            );
            var received = sessions.HaveAsync(numbers[^1], clock);
            await Wait.Until(async () => await SumAsync("deliveries_logged") >= logged + numbers.Count, "the broker to forget it", Patience);
            var forgotten = clock.Elapsed;
            await Wait.Until(async () => await SumAsync("deliveries_settled") >= settled + numbers.Count, "it to be safe with each", Patience);
            var safe = clock.Elapsed;
            output.WriteLine(
                $"{numbers.Count} to {Count} recipients, {online.Length} online: acknowledged after {Milliseconds(forgotten)} (as metrics say, up to 300 ms late), safe with each after {Milliseconds(safe)}, "
                    + $"received by all who are there after {Milliseconds(await received)}; {await SumAsync("outbox_rows_appended") - stored} rows; CPU of the silos {Milliseconds(CpuOfSilos() - cpu)}"
            );
        }
        await using var others = await SubscribeAsync(users[online.Length..][..Math.Min(20, users.Length - online.Length)]);
        await others.HaveAsync(Messages, Stopwatch.StartNew());
        Assert.All(sessions.All.Concat(others.All), session => Assert.Equal(Enumerable.Range(1, Messages), session.Messages.Select(NumberOf)));
        Assert.Equal(0, await WaitingAsync(publisher));
    }

    [Fact]
    public async Task Message_NamesMoreThanAFrameHoldsByDefault_IsStoredForEach()
    {
        string[] users = [.. Enumerable.Range(0, 4000).Select(number => $"{number}-1f0c2a34-5b6d-4e7f-8a90-b1c2d3e4f506")];
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        var stored = await SumAsync("outbox_rows_appended");
        await publisher.PublishAsync("round.1", "1", headers: HeadersFor(users));
        await Wait.Until(async () => await SumAsync("outbox_rows_appended") >= stored + users.Length, "it to be stored for each", Patience);
    }

    [Fact]
    public async Task Silo_IsKilledWhenTheBrokerHasForgottenTheMessage_EachGetsItAllTheSame()
    {
        var users = UsersOf("k", 60);
        await using var sessions = await SubscribeAsync(users[..30]);
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        await PublishWithEdgePausedAsync(publisher, users);
        await _system.Silo.KillAsync();
        Assert.Equal(0, await WaitingAsync(publisher));

        _system.Silo.Start();
        _system.Edge.Resume();
        await _system.ReadyAsync();

        await sessions.HaveAsync(1, Stopwatch.StartNew());
        await using var others = await SubscribeAsync(users[30..]);
        await others.HaveAsync(1, Stopwatch.StartNew());
        Assert.All(sessions.All.Concat(others.All), session => Assert.All(session.Messages.Skip(1), repeat => Assert.Equal("true", repeat["redelivered"])));
    }

    [Fact]
    public async Task Edge_IsKilledWithTheMessageOnItsWay_EachGetsItAllTheSame()
    {
        var users = UsersOf("e", 60);
        await using var lost = await SubscribeAsync(users[..30]);
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        await PublishWithEdgePausedAsync(publisher, users);
        await _system.Edge.KillAsync();
        _system.Edge.Start();
        await _system.ReadyAsync();

        await using var all = await SubscribeAsync(users);
        await all.HaveAsync(1, Stopwatch.StartNew());
        Assert.All(all.All, session => Assert.Single(session.Messages));
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0 ms", CultureInfo.InvariantCulture);

    private static string[] UsersOf(string name, int count) => [.. Enumerable.Range(0, count).Select(number => $"{name}{number}")];

    private static Dictionary<string, object?> HeadersFor(string[] users) => new() { ["x-recipients"] = string.Join(',', users) };

    private static int NumberOf(StompFrame message) => int.Parse(StompClient.Text(message).TrimEnd('x'), CultureInfo.InvariantCulture);

    /// <summary>Nobody who is there can prove that he has it, and it is not stored for them before two seconds; the broker has forgotten it.</summary>
    private async Task PublishWithEdgePausedAsync(Publisher publisher, string[] users)
    {
        var logged = await SumAsync("deliveries_logged");
        _system.Edge.Pause();
        await publisher.PublishAsync("round.1", "1", headers: HeadersFor(users));
        await Wait.Until(async () => await SumAsync("deliveries_logged") > logged, "the broker to forget it", Patience);
    }

    private async Task<Sessions> SubscribeAsync(string[] users)
    {
        var sessions = new Sessions();
        foreach (var some in users.Chunk(100))
        {
            await Task.WhenAll(
                some.Select(async user =>
                {
                    var session = await _system.ConnectAsync(user);
                    sessions.Add(session);
                    await session.SubscribeAsync($"/exchange/notifications/user.{user}.#");
                })
            );
        }
        return sessions;
    }

    /// <summary>Messages that the broker has for somebody else: with no silo there, all that it has not forgotten.</summary>
    private async Task<long> WaitingAsync(Publisher publisher)
    {
        var waiting = 0L;
        foreach (
            var queue in (await _system.Broker.Management.GetQueuesAsync()).Where(queue =>
                queue.Name.StartsWith("notifyorleans.ingress.", StringComparison.Ordinal)
            )
        )
            waiting += await publisher.Channel.MessageCountAsync(queue.Name);
        return waiting;
    }

    private TimeSpan CpuOfSilos() => _system.Silos.Select(silo => Process.GetProcessById(silo.Id).TotalProcessorTime).Aggregate((sum, time) => sum + time);

    private async Task<double> SumAsync(string metric)
    {
        var sum = 0.0;
        foreach (var silo in _system.Silos)
            sum += await silo.MetricAsync($"notifyorleans_{metric}_total");
        return sum;
    }

    /// <summary>A system that waits as long as may be for those who are there, before it stores for them.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public RunningSystem System { get; } = new() { SiloCount = Scale.Of("RECIPIENTS_SILOS", 1), SiloSettings = { ["Mailbox__StoreAfter"] = "00:00:02" } };

        public Task InitializeAsync() => System.InitializeAsync();

        public Task DisposeAsync() => System.DisposeAsync();
    }

    private sealed class Sessions : IAsyncDisposable
    {
        private readonly List<StompClient> _all = [];

        public IReadOnlyList<StompClient> All => _all;

        public void Add(StompClient session)
        {
            lock (_all)
                _all.Add(session);
        }

        /// <summary>Waits until each has so many messages.</summary>
        public async Task<TimeSpan> HaveAsync(int count, Stopwatch clock)
        {
            await Task.WhenAll(_all.Select(session => session.MessagesAsync(count, Patience)));
            return clock.Elapsed;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var session in _all)
                await session.DisposeAsync();
        }
    }
}

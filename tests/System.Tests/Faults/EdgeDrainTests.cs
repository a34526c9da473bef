using System.Net.WebSockets;
using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.System.Tests.Faults;

/// <summary>An edge is ended in order while messages are under way, and another takes its place: sessions come again and go on, in order.</summary>
public sealed class EdgeDrainTests : IAsyncLifetime
{
    private const int Users = 40;

    private readonly RunningSystem _system = new();
    private readonly Dictionary<string, UserLog> _logs = Enumerable.Range(0, Users).ToDictionary(number => $"u{number}", _ => new UserLog());
    private readonly CancellationTokenSource _done = new();
    private int _connected;
    private int _sentAway;
    private volatile bool _goesOn = true;

    public Task InitializeAsync() => _system.InitializeAsync();

    public async Task DisposeAsync()
    {
        await _done.CancelAsync();
        await _system.DisposeAsync();
        _done.Dispose();
    }

    [Fact]
    public async Task Edge_IsRestartedTwiceUnderLoad_EveryUserHasEveryMessageInOrder()
    {
        var sessions = _logs.Select(user => StayConnectedAsync(user.Key, user.Value)).ToList();
        var publishing = PublishAsync();
        for (var restart = 0; restart < 2; restart++)
        {
            await Wait.Until(() => _connected == Users, () => $"{Users} sessions; there are {_connected}", TimeSpan.FromSeconds(60));
            await _system.Edge.TerminateAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(0, _system.Edge.ExitCode);
            _system.Edge.Start();
            await _system.ReadyAsync();
        }
        await Wait.Until(() => _connected == Users, () => $"{Users} sessions again; there are {_connected}", TimeSpan.FromSeconds(60));
        _goesOn = false;
        var messages = await publishing;
        await Wait.Until(
            () => _logs.Values.All(log => log.Count == messages),
            () => $"all messages; users have {string.Join(' ', _logs.Values.Select(log => log.Count))}",
            TimeSpan.FromSeconds(60)
        );
        await _done.CancelAsync();
        await Task.WhenAll(sessions);

        Assert.All(_logs, user => Assert.Equal(Enumerable.Range(0, messages), user.Value.Firsts.Select(first => first.Number)));
        Assert.All(_logs.Values, log => Assert.Equal(0, log.UnflaggedRepeats));
        Assert.Equal(2 * Users, _sentAway);
    }

    /// <summary>As a client with reconnecting does it: again and again, with a short pause.</summary>
    private async Task StayConnectedAsync(string user, UserLog log)
    {
        while (!_done.IsCancellationRequested)
        {
            try
            {
                await using var client = await _system.ConnectAsync(user);
                client.OnFrame = log.RecordAsync;
                await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
                Interlocked.Increment(ref _connected);
                await Wait.Until(() => client.IsEnded || _done.IsCancellationRequested, "the edge to end", TimeSpan.FromMinutes(3));
                Interlocked.Decrement(ref _connected);
                if (client.CloseStatus == (WebSocketCloseStatus)1012 && client.Frames.Any(frame => frame[StompHeaderNames.RetryAfter] is not null))
                    Interlocked.Increment(ref _sentAway);
            }
            catch (Exception exception) when (exception is WebSocketException or Xunit.Sdk.XunitException)
            {
                // Nobody is there yet.
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Publishes to all users until it is enough.</summary>
    /// <returns>How many each of them has got.</returns>
    private async Task<int> PublishAsync()
    {
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        var number = 0;
        for (; _goesOn; number++)
        {
            await Task.WhenAll(_logs.Keys.Select(user => publisher.PublishAsync($"user.{user}", $"{number}", messageId: $"{user}-{number}").AsTask()));
            await Task.Delay(50);
        }
        return number;
    }
}

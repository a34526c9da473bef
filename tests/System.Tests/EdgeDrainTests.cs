using System.Net.WebSockets;
using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;

namespace NotifyOrleans.System.Tests;

/// <summary>An edge is ended in order while messages are under way, and another takes its place: sessions come again and go on, in order.</summary>
public sealed class EdgeDrainTests : IAsyncLifetime
{
    private const int Users = 40;
    private const int MessagesPerUser = 150;

    private readonly RunningSystem _system = new();
    private readonly Dictionary<string, UserLog> _logs = Enumerable.Range(0, Users).ToDictionary(number => $"u{number}", _ => new UserLog());
    private readonly CancellationTokenSource _done = new();
    private int _published;
    private int _sentAway;

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
        foreach (var published in (int[])[1000, 3000])
        {
            await Wait.Until(() => _published >= published || publishing.IsFaulted, () => $"{published} messages to be published; there are {_published}");
            await _system.Edge.TerminateAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(0, _system.Edge.ExitCode);
            _system.StartEdge();
            await _system.ReadyAsync();
        }
        await publishing;
        await Wait.Until(
            () => _logs.Values.All(log => log.Count == MessagesPerUser),
            () => $"all messages; users have {string.Join(' ', _logs.Values.Select(log => log.Count))}",
            TimeSpan.FromSeconds(60));
        await _done.CancelAsync();
        await Task.WhenAll(sessions);

        Assert.All(_logs, user => Assert.Equal(Enumerable.Range(0, MessagesPerUser), user.Value.Firsts.Select(first => first.Number)));
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
                await Wait.Until(() => client.IsEnded || _done.IsCancellationRequested, "the edge to end", TimeSpan.FromMinutes(3));
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

    private async Task PublishAsync()
    {
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        for (var number = 0; number < MessagesPerUser; number++)
        {
            await Task.WhenAll(_logs.Keys.Select(user => publisher.PublishAsync($"user.{user}", $"{number}", messageId: $"{user}-{number}").AsTask()));
            Interlocked.Add(ref _published, Users);
            // Slowly enough that both restarts fall into it.
            await Task.Delay(50);
        }
    }
}

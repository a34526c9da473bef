using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Delivery;

/// <summary>When settlements go to the silo: together, but not behind the time when somebody waits for one.</summary>
public sealed class SettlementQueueTests : IDisposable
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly CancellationTokenSource _lost = new();
    private readonly ConcurrentQueue<long[]> _calls = new();

    public void Dispose()
    {
        _lost.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Settlement_ThatIsAwaited_TakesAlongWhatWasCollected()
    {
        var queue = Queue(Never);
        Add(queue, 1, 2);
        queue.Add(Settlement(3), isAwaited: true);
        await CalledAsync(1);
        Add(queue, 4);
        queue.Add(Settlement(5), isAwaited: true);
        await CalledAsync(2);
        Assert.Equal(
            [
                [1, 2, 3],
                [4, 5],
            ],
            _calls
        );
    }

    [Fact]
    public async Task Settlements_ThatNobodyWaitsFor_GoAfterTheInterval()
    {
        var queue = Queue(TimeSpan.FromMilliseconds(25));
        Add(queue, 1, 2);
        await CalledAsync(1);
        Assert.Equal(
            [
                [1, 2],
            ],
            _calls
        );
    }

    [Fact]
    public async Task WhoeverWaitsForAllThatWasSettled_DoesNotWaitForTheInterval()
    {
        var queue = Queue(Never);
        Add(queue, 1, 2);
        await queue.WhenSentAsync();
        Assert.Equal(
            [
                [1, 2],
            ],
            _calls
        );
        await queue.WhenSentAsync();
        Assert.Single(_calls);
    }

    [Fact]
    public async Task LostLink_IsToldNothing()
    {
        var queue = Queue(Never);
        Add(queue, 1);
        await _lost.CancelAsync();
        queue.Add(Settlement(2), isAwaited: true);
        await queue.WhenSentAsync();
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task CallThatFailsWhenTheLinkIsLost_LeavesNobodyWaiting()
    {
        var queue = Queue(Never, () =>
        {
            _lost.Cancel();
            throw new TimeoutException("The silo has not answered");
        });
        Add(queue, 1);

        var sent = queue.WhenSentAsync();

        await Wait.Until(() => sent.IsCompleted, "whoever waits to go on");
        await sent;
    }

    [Theory]
    [InlineData(1, 1, 10)]
    [InlineData(2, 1, 10)]
    [InlineData(3, 2, 10)]
    [InlineData(100, 50, 10)]
    [InlineData(100, 5, 100)]
    [InlineData(100, 1, 1000)]
    [InlineData(int.MaxValue, 5, 100)]
    public void Window_IsHalfUsed_ByMessagesOrByBytes(int maxMessages, int messages, int size)
    {
        var window = new WindowUse(maxMessages, 1000);
        for (var count = 1; count < messages; count++)
            window.Take(size);
        Assert.False(window.IsHalf);
        window.Take(size);
        Assert.True(window.IsHalf);
        window.Return(size);
        Assert.False(window.IsHalf);
    }

    private SettlementQueue Queue(TimeSpan interval, Action? onCall = null) =>
        new(
            "silo",
            settlements =>
            {
                onCall?.Invoke();
                _calls.Enqueue([.. settlements.Select(settlement => settlement.Place.Number)]);
                return Task.CompletedTask;
            },
            _lost.Token,
            new LinksOptions { SettleInterval = interval },
            new LinkMetrics(_services.GetRequiredService<IMeterFactory>()),
            TimeProvider.System,
            NullLogger.Instance
        );

    private static void Add(SettlementQueue queue, params IEnumerable<long> numbers)
    {
        foreach (var number in numbers)
            queue.Add(Settlement(number), isAwaited: false);
    }

    private static Settlement Settlement(long number) => new("alice", 1, new Place(1, number), SettlementOutcome.Settled);

    private Task CalledAsync(int calls) => Wait.Until(() => _calls.Count >= calls, () => $"{calls} calls; there were {_calls.Count}");
}

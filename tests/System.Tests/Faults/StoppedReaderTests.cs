using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;
using Xunit.Abstractions;

namespace NotifyOrleans.System.Tests.Faults;

/// <summary>
/// One client stops reading while messages for it go on: the edge keeps no more than its window, the others do not notice, and it catches up in order.
/// By hand for longer, with figures:
/// <c>STOPPED_READER_SECONDS=60 dotnet test tests/System.Tests --filter StoppedReader --logger "console;verbosity=detailed"</c>.
/// </summary>
public sealed class StoppedReaderTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int PerSecond = 1000;
    private const int Others = 20;

    private static readonly int Seconds = Scale.Of("STOPPED_READER_SECONDS", 4);

    private readonly RunningSystem _system = new();
    private readonly UserLog _slow = new();
    private readonly List<StompClient> _others = [];
    private readonly Lock _lock = new();
    private readonly List<double> _latencies = [];
    private TaskCompletionSource _reads = new();
    private int _published;
    private int _publishedToOthers;
    private int _measured;

    public async Task InitializeAsync()
    {
        _reads.SetResult();
        await _system.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        _reads.TrySetResult();
        foreach (var other in _others)
            await other.DisposeAsync();
        await _system.DisposeAsync();
    }

    [Fact]
    public async Task Reader_Stops_EdgeKeepsItsWindow_OthersAreNotDisturbed_AndItCatchesUpInOrder()
    {
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        await using var stopped = await ConnectSlowAsync();
        for (var i = 0; i < Others; i++)
            _others.Add(await ConnectOtherAsync($"other{i}"));

        await PublishAsync(publisher);
        await CompleteAsync("while everybody reads");
        await Wait.Until(() => _slow.Count == _published, "the reader to have everything before it stops");
        var before = Latencies();
        var memory = MemoryOfEdge();

        _reads = new TaskCompletionSource();
        var publishing = PublishAsync(publisher);
        var (held, most) = await WatchAsync(publishing);
        await publishing;
        await CompleteAsync("while one does not read");
        var during = Latencies();
        output.WriteLine(
            $"{Seconds} s at {PerSecond}/s: the edge held up to {held} messages; its memory was {memory / 1024} KiB, then at most {(most - memory) / 1024} KiB more"
        );
        output.WriteLine(
            $"others p50/p99 ms: {Quantile(before, 0.5):f1}/{Quantile(before, 0.99):f1}, then {Quantile(during, 0.5):f1}/{Quantile(during, 0.99):f1}"
        );
        // The default prefetch, and what is under way to the others.
        Assert.InRange(held, 100, 1100);
        Assert.All(_others, other => Assert.False(other.IsEnded));

        var clock = Stopwatch.StartNew();
        _reads.SetResult();
        await CaughtUpAsync(orEnded: stopped);
        // If it has stood still for longer than the edge waits, it was closed, and comes again.
        await using var again = stopped.IsEnded ? await ConnectSlowAsync() : null;
        await CaughtUpAsync();
        output.WriteLine($"caught up in {clock.ElapsedMilliseconds} ms, {_slow.Repeats} repeats");
        Assert.Equal(Enumerable.Range(0, _published), _slow.Firsts.Select(first => first.Number));
        Assert.Equal(0, _slow.UnflaggedRepeats);
    }

    private async Task<StompClient> ConnectSlowAsync()
    {
        var client = await _system.ConnectAsync("slow");
        client.KeepsFrames = true;
        client.OnFrame = async (session, frame) =>
        {
            await _reads.Task;
            await _slow.RecordAsync(session, frame);
        };
        await client.SubscribeAsync("/exchange/notifications/user.slow.#");
        client.KeepsFrames = false;
        return client;
    }

    private async Task<StompClient> ConnectOtherAsync(string user)
    {
        var client = await _system.ConnectAsync(user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        client.KeepsFrames = false;
        client.OnFrame = (_, frame) =>
        {
            if (frame.Command == StompCommands.Message)
            {
                lock (_lock)
                    _latencies.Add(Stopwatch.GetElapsedTime(long.Parse(StompClient.Text(frame), CultureInfo.InvariantCulture)).TotalMilliseconds);
            }
            return Task.CompletedTask;
        };
        return client;
    }

    /// <summary>1,000 a second to the reader, and 100 a second to the others.</summary>
    private async Task PublishAsync(Publisher publisher)
    {
        const int Steps = 100;
        var clock = Stopwatch.StartNew();
        var confirms = new List<Task>();
        for (var step = 0; step < Seconds * Steps; step++)
        {
            for (var i = 0; i < PerSecond / Steps; i++, _published++)
                confirms.Add(publisher.PublishAsync("user.slow", $"{_published} {new string('x', 290)}", messageId: $"slow-{_published}").AsTask());
            confirms.Add(publisher.PublishAsync($"user.other{step % Others}", $"{Stopwatch.GetTimestamp()}").AsTask());
            _publishedToOthers++;
            var due = TimeSpan.FromSeconds((double)step / Steps);
            if (clock.Elapsed < due)
                await Task.Delay(due - clock.Elapsed);
        }
        await Task.WhenAll(confirms);
    }

    private Task CompleteAsync(string when) =>
        Wait.Until(() => Received() == _publishedToOthers, () => $"{_publishedToOthers} messages of the others {when}; there are {Received()}");

    private Task CaughtUpAsync(StompClient? orEnded = null) =>
        Wait.Until(
            () => _slow.Count == _published || orEnded is { IsEnded: true },
            () => $"{_published} messages for the reader; there are {_slow.Count}",
            TimeSpan.FromSeconds(90)
        );

    private int Received()
    {
        lock (_lock)
            return _latencies.Count + _measured;
    }

    private List<double> Latencies()
    {
        lock (_lock)
        {
            List<double> taken = [.. _latencies.Order()];
            _measured += taken.Count;
            _latencies.Clear();
            return taken;
        }
    }

    private static double Quantile(List<double> sorted, double quantile) => sorted[(int)((sorted.Count - 1) * quantile)];

    /// <summary>The most messages that the edge holds, and its largest memory, until the task is done.</summary>
    private async Task<(double Held, long Memory)> WatchAsync(Task until)
    {
        var (held, memory) = (0.0, 0L);
        while (!until.IsCompleted)
        {
            held = Math.Max(held, await HeldAsync());
            memory = Math.Max(memory, MemoryOfEdge());
            await Task.WhenAny(until, Task.Delay(200));
        }
        return (held, memory);
    }

    /// <summary>Messages that wait at the edge, to be written or to be proved.</summary>
    private async Task<double> HeldAsync()
    {
        var metrics = await _system.Edge.ScrapeAsync();
        return metrics.Sum("notifyorleans_edge_messages_waiting") + metrics.Sum("notifyorleans_edge_messages_unproved");
    }

    private long MemoryOfEdge()
    {
        using var process = Process.GetProcessById(_system.Edge.Id);
        return process.WorkingSet64;
    }
}

using System.Diagnostics;
using System.Net;
using System.Threading.Channels;

namespace NotifyOrleans.AuthorityProbe;

/// <summary>Ways to ask.</summary>
internal static class Load
{
    /// <summary>Asks from so many connections, each as fast as it is answered.</summary>
    /// <param name="address">Of the silo.</param>
    /// <param name="connections">How many.</param>
    /// <param name="duration">How long.</param>
    /// <param name="next">The question of this number.</param>
    /// <param name="expected">What must be answered.</param>
    public static async Task<LoadResult> AsFastAsItGoesAsync(IPEndPoint address, int connections, TimeSpan duration, Func<int, byte[]> next, string expected)
    {
        var asked = -1;
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(
            Enumerable
                .Range(0, connections)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        using var asker = await Asker.ConnectAsync(address);
                        var mine = new List<double>();
                        while (Stopwatch.GetElapsedTime(started) < duration)
                            mine.Add(await TimeAsync(asker, next(Interlocked.Increment(ref asked)), expected, Stopwatch.GetTimestamp()));
                        return mine;
                    })
                )
        );
        return new LoadResult(latencies, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Asks so often a second, whatever the answers take; an answer's time counts from when its question was due.</summary>
    /// <inheritdoc cref="AsFastAsItGoesAsync"/>
    public static async Task<LoadResult> AtARateAsync(IPEndPoint address, int perSecond, TimeSpan duration, Func<int, byte[]> next, string expected)
    {
        var due = Channel.CreateUnbounded<(int Number, long At)>();
        var started = Stopwatch.GetTimestamp();
        var pacing = new Thread(() =>
        {
            var count = (int)(perSecond * duration.TotalSeconds);
            for (var i = 0; i < count; i++)
            {
                var at = started + (i * Stopwatch.Frequency / perSecond);
                while (Stopwatch.GetTimestamp() < at)
                    Thread.Sleep(1);
                due.Writer.TryWrite((i, at));
            }
            due.Writer.Complete();
        });
        pacing.Start();
        var latencies = await Task.WhenAll(
            Enumerable
                .Range(0, 64)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        using var asker = await Asker.ConnectAsync(address);
                        var mine = new List<double>();
                        await foreach (var (number, at) in due.Reader.ReadAllAsync())
                            mine.Add(await TimeAsync(asker, next(number), expected, at));
                        return mine;
                    })
                )
        );
        return new LoadResult(latencies, Stopwatch.GetElapsedTime(started));
    }

    private static async ValueTask<double> TimeAsync(Asker asker, byte[] question, string expected, long since)
    {
        var answer = await asker.AskAsync(question);
        return answer == expected
            ? Stopwatch.GetElapsedTime(since).TotalMilliseconds
            : throw new InvalidOperationException($"It answered {answer}, not {expected}.");
    }
}

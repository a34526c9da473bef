using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>
/// What arrives, over all sessions of a system: a body begins with the number of the message within its user's and the time that it was due at, so that
/// whatever is lost, doubled or out of order is seen. Figures with any of that mean nothing.
/// </summary>
internal sealed class Arrivals(int users)
{
    private readonly long[] _last = new long[users];
    private readonly List<TimeSpan> _latencies = [];
    private int _count;
    private int _wrong;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Messages that came twice, or not in their order.</summary>
    public int Wrong => Volatile.Read(ref _wrong);

    public static byte[] Body(long number, long dueAt, int size) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number} {dueAt} ").PadRight(size, 'x'));

    public void Record(int user, ReadOnlySpan<byte> body)
    {
        Utf8Parser.TryParse(body, out long number, out var digits);
        Utf8Parser.TryParse(body[(digits + 1)..], out long dueAt, out _);
        var latency = Stopwatch.GetElapsedTime(dueAt);
        lock (_latencies)
        {
            if (number != _last[user] + 1)
                _wrong++;
            _last[user] = number;
            _latencies.Add(latency);
            _count++;
        }
    }

    /// <summary>Latencies since the last call, in order of size.</summary>
    public TimeSpan[] TakeLatencies()
    {
        lock (_latencies)
        {
            TimeSpan[] taken = [.. _latencies.Order()];
            _latencies.Clear();
            return taken;
        }
    }
}

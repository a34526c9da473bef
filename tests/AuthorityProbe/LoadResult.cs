using System.Globalization;

namespace NotifyOrleans.AuthorityProbe;

/// <summary>What a load has shown.</summary>
internal sealed class LoadResult(IEnumerable<List<double>> latencies, TimeSpan duration)
{
    private readonly double[] _milliseconds = [.. latencies.SelectMany(each => each).Order()];

    public int Count => _milliseconds.Length;

    public double PerSecond => Count / duration.TotalSeconds;

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{PerSecond:0}/s, p50 {At(0.5):0.00} ms, p99 {At(0.99):0.00} ms, p99.9 {At(0.999):0.00} ms, max {At(1):0.0} ms"
        );

    private double At(double part) => _milliseconds[Math.Min((int)(part * Count), Count - 1)];
}

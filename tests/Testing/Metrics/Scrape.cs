using System.Globalization;

namespace NotifyOrleans.Testing.Metrics;

/// <summary>What a silo or an edge said of itself at a moment: its <c>/metrics</c>, in Prometheus' text format.</summary>
public sealed class Scrape
{
    private static readonly HttpClient Http = new();

    private readonly string[] _samples;

    private Scrape(string text) => _samples = text.Split('\n');

    /// <param name="node">Where the node answers by HTTP.</param>
    public static async Task<Scrape> OfAsync(Uri node) => new(await Http.GetStringAsync(new Uri(node, "/metrics")));

    /// <summary>The sum of a metric over its samples; 0 when it has none yet.</summary>
    /// <param name="metric">Its whole name, such as <c>notifyorleans_outbox_stored_total</c>.</param>
    /// <param name="label">Only of samples whose labels hold this, such as <c>reason="expired"</c>.</param>
    public double Sum(string metric, string label = "") =>
        _samples
            .Where(sample => sample.StartsWith($"{metric}{{", StringComparison.Ordinal) || sample.StartsWith($"{metric} ", StringComparison.Ordinal))
            .Where(sample => sample.Contains(label, StringComparison.Ordinal))
            .Sum(sample => ValueOf(sample[metric.Length..]));

    // {labels} value, and perhaps a time.
    private static double ValueOf(string rest) =>
        double.Parse(rest[(rest.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
}

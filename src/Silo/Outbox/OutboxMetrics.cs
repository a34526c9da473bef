using System.Diagnostics.Metrics;

namespace NotifyOrleans.Silo.Outbox;

/// <summary>Metrics of the outbox.</summary>
public sealed class OutboxMetrics
{
    public const string MeterName = "NotifyOrleans.Outbox";

    private readonly Meter _meter;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _appended;
    private readonly Counter<long> _deleted;
    private readonly Counter<long> _read;
    private readonly Counter<long> _groups;
    private readonly Histogram<double> _duration;

    public OutboxMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _commits = _meter.CreateCounter<long>("notifyorleans.outbox.commits", "{commit}", "Commits that were written.");
        _failures = _meter.CreateCounter<long>("notifyorleans.outbox.commits.failed", "{commit}", "Commits that could not be written.");
        _appended = _meter.CreateCounter<long>("notifyorleans.outbox.rows.appended", "{row}", "Rows that were stored.");
        _deleted = _meter.CreateCounter<long>("notifyorleans.outbox.rows.deleted", "{row}", "Rows that were taken away.");
        _read = _meter.CreateCounter<long>("notifyorleans.outbox.rows.read", "{row}", "Rows that were read for delivery.");
        _groups = _meter.CreateCounter<long>(
            "notifyorleans.outbox.groups",
            "{group}",
            "Batches that commits were written in; commits by groups is how many share one sync."
        );
        _duration = _meter.CreateHistogram(
            "notifyorleans.outbox.group.duration",
            "s",
            "Time to write a batch, its sync included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2] }
        );
    }

    /// <summary>Shows the store's state.</summary>
    public void Observe(Func<bool> writable, Func<long> diskBytes)
    {
        _meter.CreateObservableGauge("notifyorleans.outbox.writable", () => writable() ? 1 : 0, description: "Whether commits are expected to work.");
        _meter.CreateObservableGauge("notifyorleans.outbox.disk.size", diskBytes, "By", "Size of the outbox's files.");
    }

    public void GroupWritten(int commits, int appended, int deleted, TimeSpan duration)
    {
        _groups.Add(1);
        _commits.Add(commits);
        _appended.Add(appended);
        _deleted.Add(deleted);
        _duration.Record(duration.TotalSeconds);
    }

    public void WriteFailed(int commits) => _failures.Add(commits);

    public void RowsRead(int rows) => _read.Add(rows);
}

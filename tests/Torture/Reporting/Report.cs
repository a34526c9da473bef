using System.Globalization;
using System.Text;
using NotifyOrleans.Torture.Clients;
using NotifyOrleans.Torture.Ledgers;
using NotifyOrleans.Torture.Planning;
using NotifyOrleans.Torture.Rolling;
using NotifyOrleans.Torture.Settling;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Reporting;

/// <summary>What came out of a run.</summary>
/// <param name="Passed">Nothing was lost, no promise was broken, and all was as it should be at the end.</param>
/// <param name="Text">The tables.</param>
public sealed record Report(bool Passed, string Text)
{
    private const int ShownLines = 20;

    public static Report Make(Plan plan, World world, Crowd crowd, Ledger ledger, IReadOnlyList<StruckFault> struck, Settled settled)
    {
        var lost = Lost(ledger);
        var passed = lost.Count == 0 && ledger.Violations.Count == 0 && settled.Faults.Count == 0;
        var text = new StringBuilder();
        text.Append(Figures(world, crowd, ledger, lost.Count, settled)).AppendLine();
        text.Append(Effects(ledger, struck));
        text.Append(Findings(ledger, lost, settled));
        return new Report(passed, Close(text, passed, plan.Options.World));
    }

    /// <summary>The report of a rolling restart.</summary>
    /// <param name="options">What it was made of.</param>
    /// <param name="world">The processes.</param>
    /// <param name="crowd">The clients.</param>
    /// <param name="ledger">What they got.</param>
    /// <param name="restarts">The restarts, one after the other.</param>
    /// <param name="settled">The end.</param>
    public static Report Make(RollingOptions options, World world, Crowd crowd, Ledger ledger, IReadOnlyList<NodeRestart> restarts, Settled settled)
    {
        var lost = Lost(ledger);
        var inTime =
            !options.ChecksTimes
            || restarts.All(restart => restart.AllBack - restart.From <= options.BackWithin && MostConnects(crowd, restart) <= options.ConnectsPerSecond);
        var passed = lost.Count == 0 && ledger.Violations.Count == 0 && settled.Faults.Count == 0 && inTime;
        var table = new Table(
            "at",
            "node",
            "ended after",
            "ready after",
            "all back after",
            "connects",
            "most connects in 1 s",
            "longest silence",
            "99 %",
            "longest"
        );
        var delays = Delays(ledger);
        foreach (var restart in restarts)
        {
            var mine = delays.Where(delay => delay.At >= restart.From && delay.At < restart.To).Select(delay => delay.Took).Order().ToArray();
            table.Add(
                Seconds(restart.From),
                restart.Node,
                Seconds(restart.Ended - restart.From),
                Seconds(restart.Ready - restart.From),
                Seconds(restart.AllBack - restart.From),
                $"{crowd.ConnectTimes.Count(restart.Contains)}",
                $"{MostConnects(crowd, restart)}",
                Seconds(ledger.Times.LongestSilence(restart.From, restart.To)),
                Share(mine, 0.99),
                Share(mine, 1)
            );
        }
        var text = new StringBuilder().Append(Figures(world, crowd, ledger, lost.Count, settled)).AppendLine();
        text.AppendLine($"bounds: all back within {Seconds(options.BackWithin)}, at most {options.ConnectsPerSecond} connects in any second").AppendLine();
        text.Append(table).Append(Findings(ledger, lost, settled));
        return new Report(passed, Close(text, passed, options.World));
    }

    /// <summary>The most sessions that were opened in any second.</summary>
    private static int MostConnects(Crowd crowd, NodeRestart restart)
    {
        var times = crowd.ConnectTimes.Where(restart.Contains).Order().ToArray();
        var most = 0;
        for (int last = 0, first = 0; last < times.Length; last++)
        {
            while (times[last] - times[first] >= TimeSpan.FromSeconds(1))
                first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }

    private static string Findings(Ledger ledger, List<string> lost, Settled settled)
    {
        var text = new StringBuilder();
        Append(text, "Lost", lost);
        Append(
            text,
            "Broken promises",
            [
                .. ledger.Violations.Select(violation =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{violation.At.TotalSeconds:0.000} s {violation.Kind}: {violation.Message} {violation.Details}"
                    )
                ),
            ]
        );
        Append(text, "Not settled", settled.Faults);
        return text.ToString();
    }

    private static string Close(StringBuilder text, bool passed, WorldOptions world)
    {
        var logs = world.Folder is { } folder ? $"in {folder}" : "gone, unless --folder names a place for them";
        return text.AppendLine().AppendLine(passed ? "PASSED" : $"FAILED; logs of the nodes are {logs}").ToString();
    }

    private static Table Figures(World world, Crowd crowd, Ledger ledger, int lost, Settled settled)
    {
        var table = new Table("what", "count");
        void Add(string what, long count) => table.Add(what, count.ToString("N0", CultureInfo.InvariantCulture));
        Add("messages confirmed by the broker", ledger.Confirmed);
        Add("owed to a user, a durable subscription or the queue", ledger.Owed);
        Add("received there", ledger.Received);
        Add("lost", lost);
        Add("out of order", ledger.Count(ViolationKind.OutOfOrder));
        Add("first offers whose x-offset did not rise", ledger.Count(ViolationKind.OffsetNotRising));
        Add("repeats that did not say so", ledger.Count(ViolationKind.UnflaggedRepeat));
        Add("messages of somebody else", ledger.Count(ViolationKind.Foreign));
        Add("MESSAGE frames, one per session", ledger.Arrivals);
        Add("repeats, redelivered:true", ledger.FlaggedRepeats);
        Add("repeats without it, of messages that were published twice", ledger.RepeatsOfDoubles);
        table.Add("repeats per MESSAGE frame", (ledger.FlaggedRepeats / Math.Max(1.0, ledger.Arrivals)).ToString("P2", CultureInfo.InvariantCulture));
        Add("told by x-dropped", ledger.Dropped);
        Add("devices", crowd.Devices.Count);
        Add("sessions opened", crowd.Connects);
        Add("sessions that could not be opened", crowd.Failures);
        foreach (var (code, count) in crowd.Closes.OrderBy(close => close.Key))
            Add($"sessions closed with {code}", count);
        foreach (var (message, count) in crowd.Errors.OrderByDescending(error => error.Value).Take(ShownLines))
            Add($"ERROR {message}", count);
        Add("silos that ended themselves, taken for dead, and were started again", world.Silos.Sum(silo => silo.Deaths));
        table.Add("run", Seconds(ledger.Now));
        table.Add("settled after the last fault", Seconds(settled.Took));
        return table;
    }

    /// <summary>From each fault to the next: how long nothing at all arrived, and how long messages took whose recipient had a session.</summary>
    private static Table Effects(Ledger ledger, IReadOnlyList<StruckFault> struck)
    {
        var delays = Delays(ledger);
        var table = new Table("at", "fault", "details", "longest silence", "median", "99 %", "longest");
        for (var index = 0; index < struck.Count; index++)
        {
            var (fault, from, _) = struck[index];
            var to = index + 1 < struck.Count ? struck[index + 1].From : ledger.Now;
            var mine = delays.Where(delay => delay.At >= from && delay.At < to).Select(delay => delay.Took).Order().ToArray();
            table.Add(
                Seconds(from),
                fault.Name,
                fault.Details,
                Seconds(ledger.Times.LongestSilence(from, to)),
                Share(mine, 0.5),
                Share(mine, 0.99),
                Share(mine, 1)
            );
        }
        return table;
    }

    private static string Share(TimeSpan[] sorted, double share) =>
        sorted.Length == 0 ? "-" : Seconds(sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)]);

    private static List<(TimeSpan At, TimeSpan Took)> Delays(Ledger ledger)
    {
        List<(TimeSpan, TimeSpan)> delays = [];
        foreach (var recipient in ledger.Audience.Recipients)
        {
            recipient.ForEach(
                (_, record) =>
                {
                    if (record is { WasAwaited: true, ReceivedAt: > 0 })
                        delays.Add(
                            (
                                ledger.Elapsed(record.ConfirmedAt),
                                ledger.Elapsed(Math.Max(record.ReceivedAt, record.ConfirmedAt)) - ledger.Elapsed(record.ConfirmedAt)
                            )
                        );
                }
            );
        }
        return delays;
    }

    private static List<string> Lost(Ledger ledger)
    {
        List<string> lost = [];
        foreach (var recipient in ledger.Audience.Recipients)
        {
            recipient.ForEach(
                (message, record) =>
                {
                    // Those beyond are the roll-call's.
                    if (message.Number < ledger.Audience.MessagesPerSequence && record is { ConfirmedAt: > 0, ReceivedAt: 0 })
                        lost.Add($"{message} for {recipient.Name}");
                }
            );
        }
        return lost;
    }

    private static void Append(StringBuilder text, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return;
        text.AppendLine().AppendLine($"{title}: {lines.Count}");
        foreach (var line in lines.Take(ShownLines))
            text.AppendLine($"- {line}");
    }

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s");
}

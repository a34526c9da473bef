using System.Text;
using NotifyOrleans.Torture.Reporting;

namespace NotifyOrleans.Torture.Planning;

/// <summary>What is done when. It follows from the seed and the sizes alone, and is printed first, so that a run can be done again.</summary>
/// <param name="Options">The sizes.</param>
/// <param name="Faults">In the order of their times.</param>
public sealed record Plan(TortureOptions Options, IReadOnlyList<PlannedFault> Faults)
{
    /// <summary>Messages from one fault to the next.</summary>
    public int Interval => Options.Messages / Math.Max(1, Options.Faults);

    public static Plan Make(TortureOptions options)
    {
        var faults = new FaultChoice(options.World, new Random(options.Seed)).Take(options.Faults);
        return new Plan(options, [.. faults.Select((fault, index) => new PlannedFault((int)((index + 0.5) * options.Messages / options.Faults), fault))]);
    }

    public override string ToString()
    {
        var world = Options.World;
        var text = new StringBuilder()
            .AppendLine(
                $"seed {Options.Seed}: {world.Silos} silo(s), {world.Edges} edge(s), outbox {(world.Silos > 1 ? "PostgreSQL" : "RocksDB")}; "
                    + $"{Options.Users} users, {Options.Messages} messages, {Options.Rate}/s, {Options.Faults} faults"
            )
            .AppendLine();
        var table = new Table("after messages", "fault", "details");
        foreach (var planned in Faults)
            table.Add($"{planned.After}", planned.Fault.Name, planned.Fault.Details);
        return text.Append(table).ToString();
    }
}

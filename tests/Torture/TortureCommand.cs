using System.CommandLine;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture;

/// <summary>The command line.</summary>
internal static class TortureCommand
{
    public static RootCommand Create()
    {
        var defaults = new TortureOptions();
        var seed = Number("--seed", "The same seed and sizes make the same plan", defaults.Seed);
        var silos = Number("--silos", "One has RocksDB, more have PostgreSQL", defaults.World.Silos);
        var edges = Number("--edges", "Edges", defaults.World.Edges);
        var users = Number("--users", "Users, each with one to three devices", defaults.Users);
        var messages = Number("--messages", "Confirmed messages in all", defaults.Messages);
        var rate = Number("--rate", "Messages in a second", defaults.Rate);
        var faults = Number("--faults", "Faults in all", defaults.Faults);
        var settle = Number("--settle", "Seconds that everything may take to arrive after the last fault", (int)defaults.SettleTimeout.TotalSeconds);
        var folder = new Option<string?>("--folder") { Description = "Where the logs of the nodes stay" };
        var command = new RootCommand("Kills, pauses and disconnects everything in turn while messages are under way, and says what was lost") { seed, silos, edges, users, messages, rate, faults, settle, folder };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new TortureOptions
            {
                Seed = parsed.GetValue(seed),
                Users = parsed.GetValue(users),
                Messages = parsed.GetValue(messages),
                Rate = parsed.GetValue(rate),
                Faults = parsed.GetValue(faults),
                SettleTimeout = TimeSpan.FromSeconds(parsed.GetValue(settle)),
                World = new WorldOptions { Silos = parsed.GetValue(silos), Edges = parsed.GetValue(edges), Folder = parsed.GetValue(folder) },
            },
            cancellationToken));
        return command;
    }

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };

    private static async Task<int> RunAsync(TortureOptions options, CancellationToken cancellationToken)
    {
        var report = await TortureRun.RunAsync(options, Console.WriteLine, cancellationToken);
        Console.WriteLine();
        Console.WriteLine(report.Text);
        return report.Passed ? 0 : 1;
    }
}

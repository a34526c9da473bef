using System.CommandLine;
using NotifyOrleans.Torture.Reporting;
using NotifyOrleans.Torture.Rolling;
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
        var network = new Option<bool>("--private-network")
        {
            Description = "Cuts silos and edges off from each other too, in a network namespace of its own; needs root and iproute2",
        };
        var command = new RootCommand("Kills, pauses and disconnects everything in turn while messages are under way, and says what was lost")
        {
            seed,
            silos,
            edges,
            users,
            messages,
            rate,
            faults,
            settle,
            folder,
            network,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                parsed.GetValue(network) && !PrivateNetwork.IsEntered
                    ? PrivateNetwork.RunAgainInsideAsync(cancellationToken)
                    : PrintAsync(
                        TortureRun.RunAsync(
                            new TortureOptions
                            {
                                Seed = parsed.GetValue(seed),
                                Users = parsed.GetValue(users),
                                Messages = parsed.GetValue(messages),
                                Rate = parsed.GetValue(rate),
                                Faults = parsed.GetValue(faults),
                                SettleTimeout = TimeSpan.FromSeconds(parsed.GetValue(settle)),
                                World = new WorldOptions
                                {
                                    Silos = parsed.GetValue(silos),
                                    Edges = parsed.GetValue(edges),
                                    Folder = parsed.GetValue(folder),
                                },
                            },
                            Console.WriteLine,
                            cancellationToken
                        )
                    )
        );
        command.Add(Rolling());
        return command;
    }

    private static Command Rolling()
    {
        var defaults = new RollingOptions();
        var seed = Number("--seed", "Decides how clients acknowledge and to which edge they go", defaults.Seed);
        var silos = Number("--silos", "One has RocksDB, more have PostgreSQL", defaults.World.Silos);
        var edges = Number("--edges", "Edges", defaults.World.Edges);
        var clients = Number("--clients", "Users, each with one session", defaults.Clients);
        var rate = Number("--rate", "Messages in a second", defaults.Rate);
        var cap = Number("--cap", "Sessions that an edge which ends sends away in a second; no more may be opened", defaults.ConnectsPerSecond);
        var back = Number("--back", "Seconds until every client has to have a session again", (int)defaults.BackWithin.TotalSeconds);
        var folder = new Option<string?>("--folder") { Description = "Where the logs of the nodes stay" };
        var command = new Command("rolling", "Ends every node in order and starts it again, one after the other, and says what was lost")
        {
            seed,
            silos,
            edges,
            clients,
            rate,
            cap,
            back,
            folder,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                PrintAsync(
                    RollingRun.RunAsync(
                        new RollingOptions
                        {
                            Seed = parsed.GetValue(seed),
                            Clients = parsed.GetValue(clients),
                            Rate = parsed.GetValue(rate),
                            ConnectsPerSecond = parsed.GetValue(cap),
                            BackWithin = TimeSpan.FromSeconds(parsed.GetValue(back)),
                            World = new WorldOptions
                            {
                                Silos = parsed.GetValue(silos),
                                Edges = parsed.GetValue(edges),
                                Folder = parsed.GetValue(folder),
                            },
                        },
                        Console.WriteLine,
                        cancellationToken
                    )
                )
        );
        return command;
    }

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };

    private static async Task<int> PrintAsync(Task<Report> run)
    {
        var report = await run;
        Console.WriteLine();
        Console.WriteLine(report.Text);
        return report.Passed ? 0 : 1;
    }
}

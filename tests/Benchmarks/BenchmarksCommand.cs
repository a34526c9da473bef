using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using NotifyOrleans.Benchmarks.Load;
using NotifyOrleans.Benchmarks.Micro;
using NotifyOrleans.Benchmarks.Queues;

namespace NotifyOrleans.Benchmarks;

/// <summary>The command line.</summary>
internal static class BenchmarksCommand
{
    public static RootCommand Create() =>
        new("What the parts of a message's way cost, and the whole way beside a peer") { Micro(), Whole(), Idle(), Pressure(), Queues() };

    private static Command Micro()
    {
        var filter = new Option<string[]>("--filter")
        {
            Description = "Which, as *Codec*",
            DefaultValueFactory = _ => ["*"],
            AllowMultipleArgumentsPerToken = true,
        };
        var folder = new Option<string?>("--folder") { Description = "Where the tables go" };
        var command = new Command("micro", "The parts by themselves") { filter, folder };
        command.SetAction(parsed =>
        {
            IConfig config = new MicroConfig(parsed.GetValue(folder));
            BenchmarkSwitcher.FromAssembly(typeof(MicroConfig).Assembly).Run(["--filter", .. parsed.GetValue(filter)!], config);
        });
        return command;
    }

    private static Command Whole()
    {
        var defaults = new LoadOptions();
        var sessions = Number("--sessions", "Users, each with one session", defaults.Sessions);
        var messages = Number("--messages", "Unicast messages in a repetition", defaults.Messages);
        var repetitions = Number("--repetitions", "Repetitions of each measurement; the median counts", defaults.Repetitions);
        var rate = Number("--rate", "Messages a second where latency is measured", defaults.Rate);
        var folder = new Option<string?>("--folder") { Description = "Where the report goes" };
        var command = new Command("load", "The whole way: broker, silo and edge, beside RabbitMQ's Web STOMP at the same broker")
        {
            sessions,
            messages,
            repetitions,
            rate,
            folder,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                LoadRun.RunAsync(
                    new LoadOptions
                    {
                        Sessions = parsed.GetValue(sessions),
                        Messages = parsed.GetValue(messages),
                        Repetitions = parsed.GetValue(repetitions),
                        Rate = parsed.GetValue(rate),
                        Folder = parsed.GetValue(folder),
                    },
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Idle()
    {
        var sessions = Number("--sessions", "Users, each with one session", 5000);
        var command = new Command("idle", "What sessions cost that do nothing") { sessions };
        command.SetAction((parsed, cancellationToken) => IdleRun.RunAsync(parsed.GetValue(sessions), cancellationToken));
        return command;
    }

    private static Command Pressure()
    {
        var defaults = new LoadOptions();
        var sessions = Number("--sessions", "Users, each with one session", defaults.Sessions);
        var seconds = Number("--seconds", "How long twice the sustained rate is published", 30);
        var command = new Command("pressure", "What happens while more is published than is delivered") { sessions, seconds };
        command.SetAction(
            (parsed, cancellationToken) =>
                PressureRun.RunAsync(
                    new LoadOptions { Sessions = parsed.GetValue(sessions), Rate = 1000 },
                    TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Queues()
    {
        var messages = Number("--messages", "Messages for each kind", 40_000);
        var rate = Number("--rate", "Messages a second where few are under way", 2000);
        var command = new Command("queues", "What partitions of each kind of queue cost the broker") { messages, rate };
        command.SetAction((parsed, cancellationToken) => QueuesRun.RunAsync(parsed.GetValue(messages), parsed.GetValue(rate), cancellationToken));
        return command;
    }

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}

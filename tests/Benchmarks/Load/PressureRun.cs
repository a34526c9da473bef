using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Torture.Reporting;
using NotifyOrleans.Torture.Worlds;
using RabbitMQ.Client;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>
/// What happens when services publish more than is delivered: the rate that is sustained is measured, twice as much is published for a while, and all is waited
/// for. Memory of silo and edge is to stay as it is: the broker holds the rest, or lets services wait for their confirms, and what has been under way for long
/// lies in the outbox. Afterwards messages are to be as quick as before.
/// </summary>
internal static class PressureRun
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(LoadOptions options, TimeSpan pressure, CancellationToken cancellationToken)
    {
        await using var world = await World.StartAsync(
            new WorldOptions
            {
                Silos = 1,
                Edges = 1,
                HasProxies = false,
            }
        );
        await using var connection = await new ConnectionFactory { Uri = world.Broker.Uri }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var system = new MeasuredSystem.Ours(world);
        await using var ours = await Contestant.EnterAsync(system, world.Broker.Uri, options);
        var latencies = new Table("", "p50 ms", "p99 ms");
        var samples = new Table([
            "",
            "published/s",
            "delivered/s",
            "not confirmed",
            "in partitions",
            "in the outbox",
            "on the way",
            .. system.Processes.Select(process => $"{process.Name} MiB"),
        ]);

        await ours.ConnectAsync(acknowledges: false);
        var sustained = 0.0;
        // The first ones bring code to speed.
        for (var repetition = 0; repetition <= options.Repetitions; repetition++)
            sustained = Math.Max(sustained, (await ours.DeliverAsync(options.Messages)).Rate);
        var partitions = (await world.Broker.Management.GetQueuesAsync()).Where(queue => queue.Consumers > 0).Select(queue => queue.Name).ToArray();
        await MeasureLatencyAsync("before");
        await WatchAsync("pressure", ours.PublishAsync((int)(2 * sustained), pressure));
        await WatchAsync("afterwards", ours.AllHereAsync());
        await MeasureLatencyAsync("after");

        Console.WriteLine(
            Format(
                $"{options.Sessions} sessions, messages of {options.BodyBytes} B; {sustained:0}/s are sustained, twice as many were asked for; doubled or out of order: {ours.Wrong}"
            )
        );
        Console.WriteLine();
        Console.WriteLine(samples);
        Console.WriteLine();
        Console.WriteLine(Format($"Latency at {options.Rate}/s:"));
        Console.WriteLine();
        Console.WriteLine(latencies);
        return ours.Wrong == 0 ? 0 : 1;

        async Task MeasureLatencyAsync(string when)
        {
            var (_, measured) = await ours.DeliverAtRateAsync();
            latencies.Add(
                when,
                Format($"{measured[measured.Length / 2].TotalMilliseconds:0.0}"),
                Format($"{measured[measured.Length * 99 / 100].TotalMilliseconds:0.0}")
            );
        }

        async Task WatchAsync(string phase, Task work)
        {
            do
            {
                var (started, published, delivered) = (Stopwatch.GetTimestamp(), ours.Published, ours.Delivered);
                await Task.WhenAny(work, Task.Delay(SampleInterval, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                var waiting = 0L;
                foreach (var partition in partitions)
                    waiting += await channel.MessageCountAsync(partition, cancellationToken);
                var stored = await system.CountOutboxAsync();
                samples.Add([
                    phase,
                    Format($"{(ours.Published - published) / seconds:0}"),
                    Format($"{(ours.Delivered - delivered) / seconds:0}"),
                    Format($"{ours.Published - ours.Confirmed}"),
                    Format($"{waiting}"),
                    Format($"{stored}"),
                    Format($"{Math.Max(0, ours.Confirmed - ours.Delivered - waiting - stored)}"),
                    .. system.Processes.Select(process => Format($"{process.Usage.Memory >> 20}")),
                ]);
            } while (!work.IsCompleted);
            await work;
        }
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Benchmarks.Load;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Torture.Reporting;
using RabbitMQ.Client;

namespace NotifyOrleans.Benchmarks.Queues;

/// <summary>
/// What a message costs the broker on the way of the ingress (topic exchange, entry, way, ring, eight partitions), by the kind of queue and by the pause
/// between acknowledgements: persistent, confirmed, consumed at once.
/// </summary>
internal static class QueuesRun
{
    private const int Partitions = 8;
    private const int MaxInFlight = 2000;
    private const string Source = "benchmark.source";

    public static async Task<int> RunAsync(int messages, int rate, CancellationToken cancellationToken)
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        var process = new MeasuredProcess("broker", broker.ProcessId);
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync(cancellationToken);
        var table = new Table("partitions", "acknowledged every", "as many as it takes: a second", "broker us each", $"at {rate}/s: broker us each");
        foreach (var ackInterval in (int[])[5, 25])
        {
            foreach (var kind in PartitionKind.All)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await using var channel = await connection.CreateChannelAsync(
                    new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false),
                    cancellationToken
                );
                var queues = await DeclareAsync(channel, kind);
                var consumers = new List<PartitionConsumer>();
                foreach (var queue in queues)
                    consumers.Add(await PartitionConsumer.StartAsync(connection, queue, kind, TimeSpan.FromMilliseconds(ackInterval)));
                var published = 0L;
                await PublishAsync(messages / 4, rate: null);
                var most = await MeasureAsync(messages, rate: null);
                var some = await MeasureAsync(rate * 5, rate);
                table.Add(
                    kind.Name,
                    Format($"{ackInterval} ms"),
                    Format($"{messages / most.Time.TotalSeconds:0}"),
                    Format($"{most.Cpu:0}"),
                    Format($"{some.Cpu:0}")
                );
                Console.WriteLine(Format($"{kind.Name}, {ackInterval} ms: {most.Cpu:0} us, at {rate}/s {some.Cpu:0} us"));
                foreach (var consumer in consumers)
                    await consumer.DisposeAsync();
                foreach (var queue in queues)
                    await channel.QueueDeleteAsync(queue, cancellationToken: cancellationToken);

                async Task<(TimeSpan Time, double Cpu)> MeasureAsync(int count, int? rate)
                {
                    var (before, started) = (process.Usage.Cpu, Stopwatch.GetTimestamp());
                    await PublishAsync(count, rate);
                    return (Stopwatch.GetElapsedTime(started), (process.Usage.Cpu - before).TotalMicroseconds / count);
                }

                async Task PublishAsync(int count, int? rate)
                {
                    var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
                    var (body, started) = (new byte[300], Stopwatch.GetTimestamp());
                    for (var number = 0; number < count; number++)
                    {
                        while (
                            rate is { } limit
                                ? Stopwatch.GetElapsedTime(started).TotalSeconds * limit < number
                                : published - consumers.Sum(consumer => consumer.Count) >= MaxInFlight
                        )
                            await Task.Delay(1, cancellationToken);
                        await channel.BasicPublishAsync(Source, Format($"user.u{published++ % 1000}"), mandatory: false, properties, body, cancellationToken);
                    }
                    while (consumers.Sum(consumer => consumer.Count) < published)
                        await Task.Delay(1, cancellationToken);
                }
            }
        }
        Console.WriteLine();
        Console.WriteLine(table);
        return 0;
    }

    private static async Task<string[]> DeclareAsync(IChannel channel, PartitionKind kind)
    {
        const string entry = "benchmark.entry";
        const string way = "benchmark.way";
        const string ring = "benchmark.ring";
        await channel.ExchangeDeclareAsync(Source, ExchangeType.Topic, durable: true);
        await channel.ExchangeDeclareAsync(entry, ExchangeType.Fanout, durable: true);
        await channel.ExchangeDeclareAsync(way, ExchangeType.Fanout, durable: true);
        await channel.ExchangeDeclareAsync(ring, "x-consistent-hash", durable: true);
        await channel.ExchangeBindAsync(entry, Source, "#");
        await channel.ExchangeBindAsync(way, entry, "");
        await channel.ExchangeBindAsync(ring, way, "");
        string[] queues = [.. Enumerable.Range(0, Partitions).Select(number => Format($"benchmark.{number}"))];
        foreach (var queue in queues)
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, kind.Arguments);
            await channel.QueueBindAsync(queue, ring, "1");
        }
        return queues;
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

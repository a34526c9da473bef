using NotifyOrleans.Torture.Ledgers;

namespace NotifyOrleans.Torture.Publishing;

/// <summary>The microservices: publish all messages at an even rate, and of one routing key never the next before the one before is confirmed.</summary>
public sealed class Workload(Ledger ledger, Uri broker, int seed, int rate)
{
    /// <summary>The start of the names of its connections at the broker.</summary>
    public const string Name = "torture-service";

    // Enough that one that waits for a broker's confirm (a few milliseconds) does not hold up the rate.
    private const int Services = 16;

    /// <summary>When so many messages are confirmed the services wait, until the limit is raised.</summary>
    public int Limit { get; set; } = int.MaxValue;

    /// <summary>Publishes no more than what it has begun.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Publishes the messages of these numbers of each sequence; completes when every one is confirmed.</summary>
    public Task RunAsync(Range numbers, IEnumerable<MessageSequence> sequences, CancellationToken cancellationToken) =>
        Task.WhenAll(
            // A sequence belongs to one service: that keeps its order.
            sequences
                .Select((sequence, index) => (Sequence: sequence, Service: index % Services))
                .GroupBy(owned => owned.Service, owned => owned.Sequence)
                .Select(owned => Task.Run(() => ServeAsync(owned.Key, [.. owned], numbers, cancellationToken), cancellationToken))
        );

    private async Task ServeAsync(int service, MessageSequence[] mine, Range numbers, CancellationToken cancellationToken)
    {
        var random = new Random(seed + service);
        await using var connection = new ServiceConnection(broker, $"{Name}-{service}");
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds((double)Services / rate));
        for (var number = numbers.Start.Value; number < numbers.End.Value; number++)
        {
            random.Shuffle(mine);
            foreach (var sequence in mine)
            {
                do await pace.WaitForNextTickAsync(cancellationToken);
                while (ledger.Confirmed >= Limit && !IsEnding);
                if (IsEnding)
                    return;
                await connection.PublishAsync(sequence, number, cancellationToken);
                ledger.CountConfirmed(sequence);
            }
        }
    }
}

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

    /// <summary>Publishes messages of these numbers to each of so many keys of each user; completes when every one is confirmed.</summary>
    public Task RunAsync(Range numbers, int keysPerUser, CancellationToken cancellationToken) =>
        Task.WhenAll(
            Enumerable.Range(0, Services).Select(service => Task.Run(() => ServeAsync(service, numbers, keysPerUser, cancellationToken), cancellationToken))
        );

    private async Task ServeAsync(int service, Range numbers, int keysPerUser, CancellationToken cancellationToken)
    {
        var random = new Random(seed + service);
        // A routing key belongs to one service: that keeps its order.
        var mine = ledger
            .Users.SelectMany(user => Enumerable.Range(0, keysPerUser).Select(key => (User: user, Key: key)))
            .Where((_, index) => index % Services == service)
            .ToArray();
        await using var connection = new ServiceConnection(broker, $"{Name}-{service}");
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds((double)Services / rate));
        for (var number = numbers.Start.Value; number < numbers.End.Value; number++)
        {
            random.Shuffle(mine);
            foreach (var (user, key) in mine)
            {
                do await pace.WaitForNextTickAsync(cancellationToken);
                while (ledger.Confirmed >= Limit && !IsEnding);
                if (IsEnding)
                    return;
                await connection.PublishAsync(user, new MessageId(user.User, key, number), cancellationToken);
                ledger.CountConfirmed();
            }
        }
    }
}

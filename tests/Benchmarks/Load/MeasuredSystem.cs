using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Metrics;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>One of the systems that are measured side by side: where its clients connect, and where a service publishes.</summary>
internal abstract class MeasuredSystem
{
    public abstract string Name { get; }

    public abstract Uri StompAddress { get; }

    /// <summary>Its processes, the broker among them.</summary>
    public abstract IReadOnlyList<MeasuredProcess> Processes { get; }

    public abstract (string Login, string Passcode) CredentialsOf(string user);

    /// <summary>What a user subscribes to.</summary>
    public abstract string DestinationOf(string user);

    /// <summary>Where a message to a user is published.</summary>
    public abstract (string Exchange, string Key) RouteTo(string user);

    /// <summary>Messages that were stored so far for users who are away; it may lag by a second.</summary>
    public abstract Task<long> CountStoredAsync();

    /// <summary>Edge and silo, beside the broker: one subscription to the user's keys.</summary>
    internal sealed class Ours(World world) : MeasuredSystem
    {
        private readonly DevelopmentTokens _tokens = new();

        public override string Name => "NotifyOrleans";

        public override Uri StompAddress => world.StompAddress(0);

        public override IReadOnlyList<MeasuredProcess> Processes { get; } =
        [new("broker", world.Broker.ProcessId), new("silo", world.Silos[0].ProcessId), new("edge", world.Edges[0].ProcessId)];

        public override (string, string) CredentialsOf(string user) => (user, _tokens.For(user));

        public override string DestinationOf(string user) => $"/exchange/notifications/user.{user}";

        public override (string, string) RouteTo(string user) => ("notifications", $"user.{user}");

        public override async Task<long> CountStoredAsync() => (long)(await ScrapeAsync()).Sum("notifyorleans_outbox_stored_total");

        /// <summary>Messages that are in the outbox now.</summary>
        public async Task<long> CountOutboxAsync()
        {
            var metrics = await ScrapeAsync();
            return (long)(metrics.Sum("notifyorleans_outbox_rows_appended_total") - metrics.Sum("notifyorleans_outbox_rows_deleted_total"));
        }

        private Task<Scrape> ScrapeAsync() => Scrape.OfAsync(world.Silos[0].Address);
    }

    /// <summary>
    /// RabbitMQ's Web STOMP at the same broker, with what comes closest to the same promise: a durable queue for each user. Its users are known to the broker,
    /// so no token is checked.
    /// </summary>
    internal sealed class WebStomp(World world) : MeasuredSystem
    {
        private const string Prefix = "benchmark.";

        public override string Name => "Web STOMP";

        public override Uri StompAddress => new($"ws://127.0.0.1:{world.Broker.WebStompPort}/ws");

        public override IReadOnlyList<MeasuredProcess> Processes { get; } = [new("broker", world.Broker.ProcessId)];

        public override (string, string) CredentialsOf(string user) => ("guest", "guest");

        public override string DestinationOf(string user) => $"/queue/{Prefix}{user}";

        public override (string, string) RouteTo(string user) => ("", $"{Prefix}{user}");

        public override async Task<long> CountStoredAsync() =>
            (await world.Broker.Management.GetQueuesAsync())
                .Where(queue => queue.Name.StartsWith(Prefix, StringComparison.Ordinal))
                .Sum(queue => queue.Messages);
    }
}

using System.Collections.Concurrent;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>
/// A real broker that asks a real silo. In the broker: topic exchanges <c>notifications</c> (a source) and <c>orders</c>, a queue <c>jobs</c>, a queue
/// <c>inbox.USER.own</c> for each user, a vhost <c>other</c>. Rules beside the default ones: everyone has the queues <c>inbox.{user}.*</c>; the role
/// <c>auditor</c> reads <c>orders</c> but for <c>private.#</c>.
/// </summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    public const string Source = "notifications";

    private readonly ConcurrentDictionary<string, Task<IConnection>> _connections = new();
    private IChannel _guest = null!;

    internal AuthoritySilo Silo { get; private set; } = null!;

    internal BothSides BothSides { get; private set; } = null!;

    internal RabbitMqBroker Broker { get; private set; } = null!;

    public static string InboxOf(string user) => $"inbox.{UserWord.Of(user)}.own";

    public async Task InitializeAsync()
    {
        var settings = TestIssuers.Settings;
        AddRule(settings, 0, ("Resource", "queue"), ("Name", "inbox.{user}.*"), ("Permissions", "configure,write,read"));
        AddRule(settings, 1, ("Role", "auditor"), ("Resource", "exchange"), ("Name", "orders"), ("Permissions", "read"));
        AddRule(settings, 2, ("Role", "auditor"), ("Resource", "topic"), ("Name", "orders"), ("Permissions", "read"), ("Key", "#"));
        AddRule(settings, 3, ("Role", "auditor"), ("Resource", "topic"), ("Name", "*"), ("Permissions", "read"), ("Key", "private.#"), ("Effect", "Deny"));
        settings["Authority:AddressRanges:0:Role"] = "remote";
        settings["Authority:AddressRanges:0:Ranges"] = "10.0.0.0/8";
        settings["Authority:AddressRanges:1:Role"] = "local";
        settings["Authority:AddressRanges:1:Ranges"] = "127.0.0.0/8";
        RabbitMqBrokerOptions ofBroker = null!;
        Broker = RabbitMqBroker.NotStarted(options => ofBroker = options);
        settings["Authority:BrokerManagement"] = $"http://guest:guest@127.0.0.1:{Broker.ManagementPort}";
        Silo = await AuthoritySilo.StartAsync(settings);
        BothSides = new BothSides(Silo.Http, Silo.Grain);
        ofBroker.Authority = Silo.Address;
        // As it is by default: the list of connections lags by as much.
        ofBroker.ExtraConfig.Add("collect_statistics_interval = 5000");
        await Broker.StartAsync();
        await Broker.Management.CreateVhostAsync("other");
        _guest = await (await ConnectAsync("guest", "guest")).CreateChannelAsync();
        await _guest.ExchangeDeclareAsync(Source, ExchangeType.Topic, durable: true);
        await _guest.ExchangeDeclareAsync("orders", ExchangeType.Topic, durable: true);
        await _guest.QueueDeclareAsync("jobs", durable: true, exclusive: false, autoDelete: false);
    }

    /// <summary>The inbox of a user, made if it is not there.</summary>
    internal Task DeclareInboxAsync(string user) => _guest.QueueDeclareAsync(InboxOf(user), durable: true, exclusive: false, autoDelete: false);

    /// <summary>A connection of a user with roles, kept for further rows.</summary>
    internal Task<IConnection> ConnectionOf(TestToken token) =>
        _connections.GetOrAdd($"{token.User} {string.Join(' ', token.Roles)}", _ => ConnectAsync(token.User, token.Text));

    internal async Task<IConnection> ConnectAsync(string user, string password, string vhost = "/") =>
        await new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = Broker.AmqpPort,
            UserName = user,
            Password = password,
            VirtualHost = vhost,
            AutomaticRecoveryEnabled = false,
        }.CreateConnectionAsync();

    public async Task DisposeAsync()
    {
        foreach (var connection in _connections.Values.Where(connection => connection.IsCompletedSuccessfully))
            await (await connection).DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
        if (Silo is not null)
            await Silo.DisposeAsync();
    }

    private static void AddRule(Dictionary<string, string?> settings, int number, params (string Field, string Value)[] fields)
    {
        foreach (var (field, value) in fields)
            settings[$"Authority:Rules:{number}:{field}"] = value;
    }
}

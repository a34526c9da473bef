using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Ingress;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Queues;
using NotifyOrleans.Grains.Users;
using NotifyOrleans.Silo.Outbox;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Silo.Topics;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Testing;
using Orleans.Configuration;
using RabbitMQ.Client;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>
/// A real silo with the product's grains and its RocksDB outbox, in this process. The test stands where the broker's queues and the edges are:
/// it offers deliveries to shards, sees what is settled, and takes what edges would take.
/// </summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private TestSilo(IHost host, int gatewayPort)
    {
        _host = host;
        GatewayPort = gatewayPort;
    }

    public int GatewayPort { get; }

    public IServiceProvider Services => _host.Services;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public InterruptedStore Store => Services.GetRequiredService<InterruptedStore>();

    public SettledDeliveries Settled => Services.GetRequiredService<SettledDeliveries>();

    public RecordedDeadLetters DeadLetters => Services.GetRequiredService<RecordedDeadLetters>();

    public RecordedEvents Events => Services.GetRequiredService<RecordedEvents>();

    public string Address => SiloAddress.ToParsableString();

    public SiloAddress SiloAddress => Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    public IShardGrain ShardOf(string user) => Grains.GetGrain<IShardGrain>(ShardMap.ShardOf(user));

    public static async Task<TestSilo> StartAsync(
        string folder,
        Action<MailboxOptions>? mailbox = null,
        Func<OutboxOptions, OutboxOptions>? outbox = null,
        Action<DeliveryOptions>? delivery = null,
        EventsOptions? events = null,
        Uri? broker = null,
        TimeProvider? time = null
    )
    {
        var gatewayPort = FreePort.Next();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        // Nothing that a test waits for may depend on the general time-out of calls.
        builder.UseOrleans(silo =>
            silo.UseLocalhostClustering(FreePort.Next(), gatewayPort, serviceId: "tests", clusterId: "tests")
                .Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromMinutes(5))
        );
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddNotificationGrains();
        builder.Services.AddSingleton<SettledDeliveries>();
        builder.Services.AddSingleton<IIncomingGrainCallFilter>(services => services.GetRequiredService<SettledDeliveries>());
        builder.Services.AddSingleton<RecordedDeadLetters>();
        builder.Services.AddSingleton<IDeadLetters>(services => services.GetRequiredService<RecordedDeadLetters>());
        builder.Services.AddSingleton<RecordedEvents>();
        builder.Services.AddSingleton<IUserEvents>(services => services.GetRequiredService<RecordedEvents>());
        builder.Services.AddSingleton(Options.Create(events ?? new EventsOptions()));
        builder.Services.AddSingleton(new SourceRoutes([new SourceDescription("notifications", ["user.{user}.#"])]));
        builder.Services.Configure(mailbox ?? (_ => { }));
        builder.Services.Configure(delivery ?? (_ => { }));
        if (broker is not null)
        {
            builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<QueueConnections>(services, ConnectionsTo(broker, services)));
            // Other tests are starting silos beside this one.
            builder.Services.Configure<QueuesOptions>(queues => queues.Timeout = Wait.DefaultTimeout);
        }
        var limits = (outbox ?? (options => options))(new OutboxOptions { Path = folder });
        builder.Services.AddSingleton(Options.Create(limits));
        builder.Services.AddSingleton<OutboxMetrics>();
        builder.Services.AddSingleton<RocksDbOutboxStore>();
        builder.Services.AddSingleton<InterruptedStore>();
        builder.Services.AddSingleton<IOutboxStore>(services => services.GetRequiredService<InterruptedStore>());
        builder.Services.AddSingleton(services => TopicsExtensions.CreateStore(services.GetRequiredService<RocksDbOutboxStore>()));
        builder.Services.AddSingleton(services => TopicsExtensions.CreateRetainedStore(services.GetRequiredService<RocksDbOutboxStore>()));
        var host = builder.Build();
        await host.StartAsync();
        return new TestSilo(host, gatewayPort);
    }

    private static Func<int, BrokerConnection> ConnectionsTo(Uri broker, IServiceProvider services) =>
        number => new BrokerConnection(
            new ConnectionFactory { Uri = broker },
            $"test queues {number}",
            TimeProvider.System,
            services.GetRequiredService<ILogger<BrokerConnection>>()
        );

    /// <summary>Offers deliveries as a dispatcher does. Tags name them; settlements are seen in <see cref="Settled"/>.</summary>
    public Task<OfferReply> OfferAsync(string user, long expectedEpoch, params Offer[] offers) =>
        OfferAsync(user, Address, channelEpoch: 1, expectedEpoch, offers);

    /// <summary>The same by another channel of the queue than the first.</summary>
    public Task<OfferReply> OfferOnAsync(string user, long channelEpoch, params Offer[] offers) =>
        OfferAsync(user, Address, channelEpoch, expectedEpoch: 0, offers);

    /// <summary>The same by the dispatcher of another silo.</summary>
    public Task<OfferReply> OfferFromAsync(string user, string origin, long channelEpoch, params Offer[] offers) =>
        OfferAsync(user, origin, channelEpoch, expectedEpoch: 0, offers);

    private async Task<OfferReply> OfferAsync(string user, string origin, long channelEpoch, long expectedEpoch, Offer[] offers) =>
        await ShardOf(user)
            .OfferAsync(
                new OfferBatch
                {
                    Origin = origin,
                    Queue = "q",
                    ChannelEpoch = channelEpoch,
                    ExpectedEpoch = expectedEpoch,
                    Offers = offers,
                }
            );

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Provider;

/// <summary>Puts the provider together for Orleans.</summary>
internal sealed class RabbitMqAdapterFactory(
    string name,
    IOptions<RabbitMqStreamOptions> options,
    QueueConsumers consumers,
    IQueueTopology topology,
    ChannelEpochs epochs,
    RabbitMqStreamMetrics metrics,
    TimeProvider time,
    ILoggerFactory loggers
) : IQueueAdapterFactory, IQueueAdapterCache, IAsyncDisposable
{
    private readonly RabbitMqStreamOptions _options = options.Value;
    private readonly RabbitMqQueueMapper _mapper = new(options.Value.Queues);

    private readonly BrokerConnection _connection = new(
        options.Value.ConnectionFactory,
        options.Value.ConnectionName,
        time,
        loggers.CreateLogger<BrokerConnection>()
    );

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(new RabbitMqAdapter(name, CreateConsumer, consumers));

    public IQueueAdapterCache GetQueueAdapterCache() => this;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler());

    public IQueueCache CreateQueueCache(QueueId queueId)
    {
        var queue = queueId.GetStringNamePrefix();
        return new RingQueueCache(_options.Prefetch, epoch => consumers.IsCurrent(queue, epoch), epoch => consumers.RedeliverAsync(queue, epoch).Ignore());
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private QueueConsumer CreateConsumer(string queue) =>
        new(queue, _connection, topology, _options, epochs, metrics, time, loggers.CreateLogger<QueueConsumer>());
}

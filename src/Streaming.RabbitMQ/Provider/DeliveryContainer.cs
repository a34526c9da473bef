using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Provider;

/// <summary>A delivery on its way through Orleans' streams. The cache gives it its place in the stream.</summary>
[GenerateSerializer, Immutable, Alias("Streaming.RabbitMQ.DeliveryContainer")]
internal sealed class DeliveryContainer(StreamId streamId, RabbitMqDelivery delivery) : IBatchContainer
{
    [Id(0)]
    public StreamId StreamId { get; } = streamId;

    [Id(1)]
    public RabbitMqDelivery Delivery { get; } = delivery;

    [Id(2)]
    public StreamSequenceToken SequenceToken { get; private set; } = new EventSequenceTokenV2(0);

    public void Place(long position) => SequenceToken = new EventSequenceTokenV2(position);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => Delivery is T item ? [Tuple.Create(item, SequenceToken)] : [];

    public bool ImportRequestContext() => false;
}

using Orleans.Concurrency;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;

/// <summary>Takes the streams as the dispatcher does.</summary>
[StatelessWorker(1)]
[ImplicitStreamSubscription(RabbitMqStreams.Namespace)]
public sealed class CollectorGrain(Inbox inbox) : Grain, ICollectorGrain, IStreamSubscriptionObserver, IAsyncBatchObserver<RabbitMqDelivery>
{
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<RabbitMqDelivery>().ResumeAsync(this);

    public Task OnNextAsync(IList<SequentialItem<RabbitMqDelivery>> items) => inbox.TakeAsync(items.Select(item => item.Item));

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}

using NotifyOrleans.Edge.Queues;

namespace NotifyOrleans.Edge.Tests.Queues;

/// <summary>The queues of durable subscriptions are those that RabbitMQ's STOMP plugin would have made.</summary>
public sealed class QueueNamesTests
{
    /// <summary>The names are what <c>rabbit_stomp_util:subscription_queue_name</c> of 3.10.8 gives.</summary>
    [Theory]
    [InlineData("/topic/a", "x", "stomp-subscription-1fAfcK3PNfzeGrxNZZ-3Gg")]
    [InlineData("/topic/ž漢", "é", "stomp-subscription-JQ61wH2gY4fRecs0aSeHfA")]
    [InlineData("/exchange/e", "", "stomp-subscription-e4TkgC54jCvORO4JCHIR8Q")]
    public void Name_OfADurableSubscription_IsTheReferences(string destination, string id, string queue) =>
        Assert.Equal(queue, QueueNames.ForDurable(destination, id));
}

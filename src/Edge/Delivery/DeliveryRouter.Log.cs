namespace NotifyOrleans.Edge.Delivery;

internal sealed partial class DeliveryRouter
{
    [LoggerMessage(1720, LogLevel.Error, "Silo {Silo} has pushed a message of another user to subscription {Subscription}; it was not delivered.")]
    private partial void LogForeignUser(long subscription, string silo);
}

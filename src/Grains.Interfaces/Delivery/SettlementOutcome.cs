namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>What became of a message at one subscription.</summary>
[GenerateSerializer, Alias("NotifyOrleans.SettlementOutcome")]
public enum SettlementOutcome
{
    /// <summary>The client has it: it left for a client that does not acknowledge, or was acknowledged.</summary>
    Settled,

    /// <summary>The client sent NACK with <c>requeue</c>: offer it again, marked as redelivered.</summary>
    Requeued,

    /// <summary>The client sent NACK with <c>requeue:false</c>: to the dead letters.</summary>
    Rejected,
}

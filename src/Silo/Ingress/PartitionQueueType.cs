namespace NotifyOrleans.Silo.Ingress;

/// <summary>How the broker keeps the partition queues.</summary>
public enum PartitionQueueType
{
    /// <summary>On one node of the broker.</summary>
    Classic,

    /// <summary>Replicated over the nodes of the broker.</summary>
    Quorum,
}

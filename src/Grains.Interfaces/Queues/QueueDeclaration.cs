namespace NotifyOrleans.Grains.Interfaces.Queues;

/// <summary>How a queue is declared (AMQP 0-9-1, <c>queue.declare</c>).</summary>
/// <param name="Durable">It outlives a restart of the broker.</param>
/// <param name="Exclusive">It is one session's alone, and ends with its last subscription.</param>
/// <param name="AutoDelete">It ends with its last consumer.</param>
/// <param name="Arguments">Such as <c>x-message-ttl</c>.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.QueueDeclaration")]
public sealed record QueueDeclaration(
    [property: Id(0)] bool Durable,
    [property: Id(1)] bool Exclusive,
    [property: Id(2)] bool AutoDelete,
    [property: Id(3)] QueueArgument[] Arguments
);

namespace NotifyOrleans.Grains.Interfaces.Queues;

/// <summary>The broker's no.</summary>
/// <param name="Code">AMQP's reply code (AMQP 0-9-1, 1.2): 403 access refused, 404 not found, 405 resource locked, 406 precondition failed.</param>
/// <param name="Text">The broker's words, such as <c>NOT_FOUND - no queue 'q' in vhost '/'</c>.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.QueueRefusal")]
public sealed record QueueRefusal([property: Id(0)] int Code, [property: Id(1)] string Text);

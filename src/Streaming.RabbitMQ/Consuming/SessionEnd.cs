namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>Why a channel is consumed on no longer.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Reason">In one line; the broker's words where it spoke.</param>
internal sealed record SessionEnd(SessionEndKind Kind, string Reason);

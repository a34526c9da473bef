namespace NotifyOrleans.Streaming.RabbitMQ.Settlement;

/// <summary>What a channel acknowledges.</summary>
/// <param name="UpTo">This tag and all before it that are not acknowledged yet; 0 for none.</param>
/// <param name="ByThemselves">These, and none before them.</param>
/// <param name="Count">How many deliveries that is.</param>
internal readonly record struct Acknowledgement(ulong UpTo, ulong[] ByThemselves, int Count);

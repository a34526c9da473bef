namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>A log as a whole.</summary>
/// <param name="Log">Its name, that of the ingress partition.</param>
/// <param name="Epoch">The epoch of its writer.</param>
/// <param name="Last">The number of its newest message; 0 when there never was one.</param>
/// <param name="Total">Bytes of all messages that it ever had.</param>
/// <param name="CutUpTo">Of messages up to here only the key is kept.</param>
/// <param name="GoneUpTo">Of messages up to here nothing is kept.</param>
public sealed record TopicLogState(string Log, long Epoch, long Last, long Total, long CutUpTo, long GoneUpTo);

namespace NotifyOrleans.Grains.Ingress.Recipients;

/// <param name="Epoch">The epoch of the log's writer.</param>
/// <param name="Last">The highest number that was ever given; 0 when there was none.</param>
public readonly record struct RecipientsLogState(long Epoch, long Last);

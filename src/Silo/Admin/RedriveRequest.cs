namespace NotifyOrleans.Silo.Admin;

/// <summary>Which dead letters to send back; what is left out does not matter.</summary>
/// <param name="Ids">Only these.</param>
/// <param name="Reason">Only those with this reason.</param>
/// <param name="Exchange">Only those that were published to this exchange.</param>
/// <param name="RoutingKey">Only those with this routing key.</param>
/// <param name="Limit">How many at most, the oldest first; default 1,000.</param>
internal sealed record RedriveRequest(string[]? Ids, string? Reason, string? Exchange, string? RoutingKey, int? Limit);

namespace NotifyOrleans.Silo.Admin;

/// <param name="Number">Rises with each revocation.</param>
/// <param name="BrokerConnections"><c>closed</c>, <c>failed</c> (repeat the request), or <c>open</c> (<c>Authority:BrokerManagement</c> is not set: they can do
/// nothing new any more).</param>
internal sealed record RevocationReply(long Number, string BrokerConnections);

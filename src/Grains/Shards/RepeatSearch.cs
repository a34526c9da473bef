namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// A search for repeats: from before the first is looked up until its batch is accepted. What is stored meanwhile by others is known to it, as the outbox may
/// have been asked before. Used under the ledger's lock, but for <see cref="Dispose"/>.
/// </summary>
internal sealed class RepeatSearch(Action<RepeatSearch> end) : IDisposable
{
    /// <summary>Of a batch without any <c>message-id</c>: there is nothing to search for.</summary>
    public static readonly RepeatSearch None = new(_ => { });

    private readonly HashSet<(string Mailbox, string MessageId)> _found = [];

    public void Add(string mailbox, string messageId) => _found.Add((mailbox, messageId));

    public bool Has(string mailbox, string messageId) => _found.Contains((mailbox, messageId));

    public void Dispose() => end(this);
}

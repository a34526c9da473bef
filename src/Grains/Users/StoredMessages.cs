using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// What of a user's messages goes to disk, and those that are there and that somebody has, or is about to have: of these there is one, also when its row is
/// read again.
/// </summary>
/// <param name="mailbox">The user, or the <see cref="MailboxKey"/> of a durable subscription.</param>
/// <param name="memory">What is not on disk.</param>
/// <param name="subscribers">Who has messages.</param>
/// <param name="ledger">The shard's book.</param>
/// <param name="limits">How long the outbox keeps messages.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failed writes are told.</param>
internal sealed class StoredMessages(
    string mailbox,
    MemoryQueue memory,
    SubscriberTable subscribers,
    ShardLedger ledger,
    OutboxOptions limits,
    TimeProvider time,
    ILogger logger
)
{
    private readonly Dictionary<Place, HeldMessage> _inHand = [];

    /// <summary>
    /// The outbox could not be told which of its rows were attempted, and only memory knows: <see cref="StoreAsync"/> has to be called again.
    /// </summary>
    public bool OwesFlags { get; private set; }

    /// <summary>The message, if somebody has it.</summary>
    public HeldMessage? Find(Place place) => _inHand.GetValueOrDefault(place);

    /// <summary>Somebody has it now.</summary>
    public void Take(HeldMessage message)
    {
        if (message.Row is not null)
            _inHand[message.Place] = message;
    }

    /// <summary>Nobody has it any more: from here on its row is what there is of it.</summary>
    public void LetGo(HeldMessage message) => _inHand.Remove(message.Place);

    public void Clear() => _inHand.Clear();

    /// <summary>Whether somebody is about to have it again.</summary>
    public bool IsOfferedAgainLater(HeldMessage message) => subscribers.All.Any(subscriber => subscriber.WillOfferAgain(message));

    /// <summary>Stores what is in memory and not safe, and what the outbox has still to be told.</summary>
    public async Task StoreAsync()
    {
        if (OwesFlags)
            await MarkAttemptedAsync();
        // In pieces, oldest first: when one cannot be stored, neither is any behind it, and what memory has is newer than what is on disk.
        foreach (var piece in CommitPieces.Of(memory.All.Where(message => message.IsUnsafe).ToList(), message => message.Size))
        {
            if (!await TryStoreAsync(piece))
                return;
        }
    }

    /// <summary>Tells the outbox which rows somebody had who is gone: whoever gets them next is told that they are repeats.</summary>
    public async Task MarkAttemptedAsync()
    {
        var rows = _inHand
            .Values.Where(message => message is { Offers: 0, IsSettled: false, IsAttempted: true, Row.Attempted: false })
            .Select(message => message.Row!)
            .ToList();
        try
        {
            if (rows.Count > 0)
                await ledger.Outbox.MarkAttemptedAsync(mailbox, rows);
            OwesFlags = false;
        }
        catch (OutboxUnavailableException exception)
        {
            OwesFlags = true;
            logger.StoringFailed(exception);
            return;
        }
        foreach (var (place, message) in _inHand)
        {
            if (!IsInHand(message))
                _inHand.Remove(place);
        }
    }

    public async Task ExpireAsync() => Forget(await ledger.Rows.ExpireAsync(mailbox));

    private async Task<bool> TryStoreAsync(IReadOnlyList<HeldMessage> messages)
    {
        var now = time.GetUtcNow();
        var rows = messages.Select(message => message.Message.ToRow(mailbox, message.IsAttempted || message.Offers > 0, now, limits.TimeToLive)).ToList();
        IReadOnlyList<Place> dropped;
        try
        {
            dropped = await ledger.StoreAsync(mailbox, rows);
        }
        catch (OutboxUnavailableException exception)
        {
            logger.StoringFailed(exception);
            return false;
        }
        for (var i = 0; i < rows.Count; i++)
        {
            messages[i].Row = rows[i];
            if (IsInHand(messages[i]))
                Take(messages[i]);
        }
        Forget(dropped);
        foreach (var subscriber in subscribers.All)
            subscriber.IsReplaying |= subscriber.Cursor < rows[^1].Place;
        memory.RemoveAll(message => message.Row is not null);
        return true;
    }

    private bool IsInHand(HeldMessage message) => message.Offers > 0 || message.RejectedBy is not null || IsOfferedAgainLater(message);

    /// <summary>Their rows have gone, as limits want it.</summary>
    private void Forget(IReadOnlyList<Place> places)
    {
        foreach (var place in places)
        {
            if (_inHand.Remove(place, out var message))
                message.IsSettled = true;
            foreach (var subscriber in subscribers.All)
                subscriber.Withdraw(place);
        }
    }
}

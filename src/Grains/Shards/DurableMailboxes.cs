using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// The durable subscriptions of a shard's users. What comes for a user is copied for each of his that matches, right behind what his own mailbox gets. It
/// belongs to the shard's grain and runs on its scheduler.
/// </summary>
internal sealed class DurableMailboxes
{
    private readonly Dictionary<string, List<(string Key, DurableMailbox Mailbox, TopicPattern Pattern)>> _byUser = [];

    public DurableMailboxes(IEnumerable<DurableMailbox> stored)
    {
        foreach (var mailbox in stored)
            Keep(mailbox);
    }

    /// <summary>Rises when a subscription begins or ends.</summary>
    public int Version { get; private set; }

    /// <summary>Offers with their copies, each behind its original.</summary>
    public IReadOnlyList<Offer> Spread(Offer[] offers)
    {
        if (_byUser.Count == 0)
            return offers;
        List<Offer> all = new(offers.Length);
        foreach (var offer in offers)
        {
            all.Add(offer);
            if (!_byUser.TryGetValue(offer.User, out var mailboxes))
                continue;
            all.AddRange(
                mailboxes
                    .Where(one => one.Mailbox.Exchange == offer.Notification.Exchange && one.Pattern.Matches(offer.FilterKey))
                    .Select(one => offer with { User = one.Key })
            );
        }
        return all;
    }

    /// <summary>The keys of a user's.</summary>
    public IEnumerable<string> KeysOf(string user) => _byUser.TryGetValue(user, out var mailboxes) ? mailboxes.Select(one => one.Key) : [];

    public int CountOf(string user) => _byUser.TryGetValue(user, out var mailboxes) ? mailboxes.Count : 0;

    public DurableMailbox? Find(string key) =>
        _byUser.TryGetValue(MailboxKey.UserOf(key), out var mailboxes) ? mailboxes.Find(one => one.Key == key).Mailbox : null;

    /// <summary>Those that no session has had since then, in milliseconds since the Unix epoch.</summary>
    public IReadOnlyList<DurableMailbox> SeenBefore(long time) =>
        [.. _byUser.Values.SelectMany(mailboxes => mailboxes).Where(one => one.Mailbox.SeenAt < time).Select(one => one.Mailbox)];

    /// <summary>Takes in a subscription, or what has changed of it.</summary>
    public void Keep(DurableMailbox mailbox)
    {
        if (!_byUser.TryGetValue(mailbox.User, out var mailboxes))
            _byUser[mailbox.User] = mailboxes = [];
        var key = MailboxKey.OfDurable(mailbox.User, mailbox.Name);
        if (mailboxes.RemoveAll(one => one.Key == key) == 0)
            Version++;
        mailboxes.Add((key, mailbox, TopicPattern.Parse(mailbox.Pattern)));
    }

    public void End(string key)
    {
        var user = MailboxKey.UserOf(key);
        if (!_byUser.TryGetValue(user, out var mailboxes) || mailboxes.RemoveAll(one => one.Key == key) == 0)
            return;
        Version++;
        if (mailboxes.Count == 0)
            _byUser.Remove(user);
    }
}

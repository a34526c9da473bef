using NotifyOrleans.Torture.Publishing;

namespace NotifyOrleans.Torture.Ledgers;

/// <summary>Messages of one routing key, numbered from 0: the next one is published when the one before is confirmed.</summary>
/// <param name="name">Its name in the ids of its messages.</param>
/// <param name="routingKey">What they are published with.</param>
/// <param name="recipients">Who gets all of them.</param>
public sealed class MessageSequence(string name, string routingKey, IReadOnlyList<RecipientLedger> recipients)
{
    /// <summary>Where they are published.</summary>
    public string Exchange { get; init; } = ServiceConnection.Source;

    public string RoutingKey => routingKey;

    /// <summary>Users whom the header <c>x-recipients</c> names; empty when the key says whose they are.</summary>
    public IReadOnlyList<string> Named { get; init; } = [];

    public IReadOnlyList<RecipientLedger> Recipients => recipients;

    public MessageId IdOf(int number) => new(name, number);

    /// <summary>A message is about to be published, once more if it was not confirmed.</summary>
    public void Published(int number)
    {
        foreach (var recipient in recipients)
            recipient.Published(IdOf(number));
    }

    public void Confirmed(int number)
    {
        foreach (var recipient in recipients)
            recipient.Confirmed(IdOf(number));
    }
}

using NotifyOrleans.Stomp;
using NotifyOrleans.Testing.Stomp;
using NotifyOrleans.Torture.Ledgers;

namespace NotifyOrleans.Torture.Clients;

/// <summary>One subscription of a session.</summary>
/// <param name="id">Header <c>id</c>; of a durable one the same in each of the device's sessions.</param>
/// <param name="recipient">Whose messages it gets.</param>
/// <param name="device">The device's name.</param>
internal sealed class DeviceSubscription(string id, RecipientLedger recipient, string device)
{
    private readonly SessionLedger _ledger = recipient.OpenSession(device);
    private readonly TaskCompletionSource _receipted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    public string Receipt => $"subscribed {id}";

    /// <summary>Completes with the receipt.</summary>
    public Task Receipted => _receipted.Task;

    public Task SubscribeAsync(StompClient client, AckMode ackMode)
    {
        var mode = ackMode switch
        {
            AckMode.Client => "client",
            AckMode.ClientIndividual => "client-individual",
            _ => "auto",
        };
        (string, string)[] durable = recipient.IsDurable ? [("durable", "true"), ("auto-delete", "false")] : [];
        return client.SendAsync(StompCommands.Subscribe, [("id", id), ("destination", recipient.Destination), ("ack", mode), ("receipt", Receipt), .. durable]);
    }

    public void OnReceipt()
    {
        recipient.Receipted(_ledger);
        _receipted.TrySetResult();
    }

    public void OnMessage(StompFrame frame) => recipient.Received(_ledger, frame);
}

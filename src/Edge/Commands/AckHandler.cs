using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>ACK and NACK. With <c>ack:client</c> they cover all messages of the session before theirs too.</summary>
internal sealed class AckHandler : ICommandHandler
{
    /// <summary>What an action that is put off costs besides the id's text.</summary>
    private const int ActionOverhead = 100;

    public IReadOnlyList<string> Commands { get; } = [StompCommands.Ack, StompCommands.Nack];

    public ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        // STOMP 1.2 names the message by its ack header, earlier versions by its message-id; the values are the same.
        var header = session.Version == StompVersion.V12 ? StompHeaderNames.Id : StompHeaderNames.MessageId;
        var text = frame[header] ?? throw new StompErrorException(StompErrors.MissingAckId(frame.Command, header));
        if (!MessageIds.TryParse(text, session.Id, out var id))
            throw new StompErrorException(StompErrors.InvalidAckId(frame.Command, header));
        var outcome =
            frame.Command == StompCommands.Ack ? SettlementOutcome.Settled
            : frame[StompHeaderNames.Requeue] == "false" ? SettlementOutcome.Rejected
            : SettlementOutcome.Requeued;
        if (frame[StompHeaderNames.Transaction] is not { } transaction)
            return Settle(session, id, outcome);
        session.Transactions.Add(transaction, () => Settle(session, id, outcome), (sizeof(char) * id.Tag.Length) + ActionOverhead);
        return ValueTask.FromResult(Effect.Done);
    }

    private static ValueTask<Effect> Settle(Session session, MessageId id, SettlementOutcome outcome)
    {
        if (!session.TrySettle(id, outcome))
            throw new StompErrorException(StompErrors.UnknownMessage(id.Number));
        return ValueTask.FromResult(Effect.Done);
    }
}

using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>BEGIN, COMMIT and ABORT.</summary>
internal sealed class TransactionHandler : ICommandHandler
{
    public IReadOnlyList<string> Commands { get; } = [StompCommands.Begin, StompCommands.Commit, StompCommands.Abort];

    public async ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        var transaction = frame[StompHeaderNames.Transaction] ?? throw new StompErrorException(StompErrors.MissingTransaction(frame.Command));
        switch (frame.Command)
        {
            case StompCommands.Begin:
                session.Transactions.Begin(transaction);
                return Effect.Done;
            case StompCommands.Abort:
                session.Transactions.Take(transaction);
                return Effect.Done;
            default:
                return await CommitAsync(session, session.Transactions.Take(transaction));
        }
    }

    /// <summary>
    /// Does all actions in order, also those behind one that fails: an ACK that came too late undoes no SEND. Only behind one that ends the session nothing
    /// more is done, as outside of a transaction: the client is to come again, and may be gone. What was sent is waited for, then the first failure is told.
    /// </summary>
    private static async ValueTask<Effect> CommitAsync(Session session, IReadOnlyList<Func<ValueTask<Effect>>> actions)
    {
        Exception? failure = null;
        var completions = new List<Task>();
        var bytes = 0L;
        foreach (var action in actions)
        {
            if (session.Ended is not null)
                break;
            try
            {
                var effect = await action();
                if (effect.Completion is { } completion)
                    completions.Add(completion);
                bytes += effect.Bytes;
            }
            catch (Exception exception)
            {
                failure ??= exception;
                if (exception is not StompErrorException { Error.Closing: null })
                    break;
            }
        }
        if (failure is not null)
            completions.Add(Task.FromException(failure));
        return completions.Count == 0 ? Effect.Done : new Effect(Task.WhenAll(completions), Bytes: bytes);
    }
}

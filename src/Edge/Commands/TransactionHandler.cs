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
                return await CommitAsync(session.Transactions.Take(transaction));
        }
    }

    /// <summary>
    /// Does all actions in order, also those behind one that fails, whatever its fault is: an ACK that came too late undoes no SEND, nor does a silo that did not answer. What was sent is waited for,
    /// then the first failure is told.
    /// </summary>
    private static async ValueTask<Effect> CommitAsync(IReadOnlyList<Func<ValueTask<Effect>>> actions)
    {
        Exception? failure = null;
        var completions = new List<Task>();
        var bytes = 0L;
        foreach (var action in actions)
        {
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
            }
        }
        if (failure is not null)
            completions.Add(Task.FromException(failure));
        return completions.Count == 0 ? Effect.Done : new Effect(Task.WhenAll(completions), Bytes: bytes);
    }
}

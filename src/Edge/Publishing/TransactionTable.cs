using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>
/// A session's open transactions: what was said in them is kept until COMMIT and then done in order, without isolation, as in the reference.
/// Bounded in number, actions and bytes. For the session's reader alone.
/// </summary>
internal sealed class TransactionTable(StompOptions options)
{
    private Dictionary<string, List<Func<ValueTask<Effect>>>>? _open;
    private Dictionary<string, long>? _bytes;

    /// <summary>Begins one. One that is open under that name is begun anew, as in the reference.</summary>
    /// <exception cref="StompErrorException">There are too many.</exception>
    public void Begin(string transaction)
    {
        Forget(transaction);
        if (_open?.Count >= options.MaxTransactions)
            throw new StompErrorException(StompErrors.LimitExceeded($"At most {options.MaxTransactions} transactions may be open"));
        (_open ??= []).Add(transaction, []);
    }

    /// <summary>Puts off an action until the transaction's COMMIT.</summary>
    /// <param name="transaction">The transaction's name.</param>
    /// <param name="action">What to do then.</param>
    /// <param name="bytes">Memory that is kept for it.</param>
    /// <exception cref="StompErrorException">It is not open, or full.</exception>
    public void Add(string transaction, Func<ValueTask<Effect>> action, long bytes)
    {
        if (_open is null || !_open.TryGetValue(transaction, out var actions))
            throw new StompErrorException(StompErrors.UnknownTransaction(transaction));
        if (actions.Count >= options.MaxTransactionActions)
            throw new StompErrorException(StompErrors.LimitExceeded($"A transaction has at most {options.MaxTransactionActions} actions"));
        _bytes ??= [];
        if (_bytes.Values.Sum() + bytes > options.MaxTransactionBytes)
            throw new StompErrorException(StompErrors.LimitExceeded($"Open transactions have at most {options.MaxTransactionBytes} bytes"));
        _bytes[transaction] = _bytes.GetValueOrDefault(transaction) + bytes;
        actions.Add(action);
    }

    /// <summary>Ends a transaction and hands out its actions.</summary>
    /// <exception cref="StompErrorException">It is not open.</exception>
    public IReadOnlyList<Func<ValueTask<Effect>>> Take(string transaction)
    {
        if (_open is null || !_open.TryGetValue(transaction, out var actions))
            throw new StompErrorException(StompErrors.UnknownTransaction(transaction));
        Forget(transaction);
        return actions;
    }

    private void Forget(string transaction)
    {
        _open?.Remove(transaction);
        _bytes?.Remove(transaction);
    }
}

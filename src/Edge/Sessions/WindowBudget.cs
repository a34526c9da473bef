namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// Bytes on their way to a session, shared among its subscriptions: each gets what it wants, or half of what is left. So the sum never exceeds the budget,
/// and no subscription gets nothing.
/// </summary>
internal sealed class WindowBudget(int total)
{
    private int _left = total;

    /// <summary>Takes a window.</summary>
    /// <param name="wanted">Bytes.</param>
    /// <returns>What it may have, at least 1: one message always goes.</returns>
    public int Take(int wanted)
    {
        while (true)
        {
            var left = Volatile.Read(ref _left);
            var window = Math.Max(1, Math.Min(wanted, left / 2));
            if (Interlocked.CompareExchange(ref _left, left - window, left) == left)
                return window;
        }
    }

    /// <summary>Gives a window back.</summary>
    public void Return(int window) => Interlocked.Add(ref _left, window);
}

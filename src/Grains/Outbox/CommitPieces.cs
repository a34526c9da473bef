namespace NotifyOrleans.Grains.Outbox;

/// <summary>
/// Rows in the pieces in which they are committed, oldest first: a database gives each commit some seconds, and one of all that a burst of large messages has
/// left would fail for ever, and with it others' that are written together with it.
/// </summary>
internal static class CommitPieces
{
    // Far above what makes a commit cheap for each row, far below what takes a second.
    private const int MaxBytes = 1 << 20;

    /// <summary>Each piece is within the bound, or is one item.</summary>
    /// <param name="items">What is to be committed, in order.</param>
    /// <param name="sizeOf">An item's bytes.</param>
    public static IEnumerable<IReadOnlyList<T>> Of<T>(IEnumerable<T> items, Func<T, int> sizeOf)
    {
        List<T> piece = [];
        var bytes = 0L;
        foreach (var item in items)
        {
            var size = sizeOf(item);
            if (piece.Count > 0 && bytes + size > MaxBytes)
            {
                yield return piece;
                (piece, bytes) = ([], 0);
            }
            piece.Add(item);
            bytes += size;
        }
        if (piece.Count > 0)
            yield return piece;
    }
}

using RocksDbSharp;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

internal static class RangeExtensions
{
    /// <summary>
    /// An iterator that ends before a key. It goes by the whole order of the keys, not by that of one prefix, which those of a range need not share.
    /// </summary>
    public static Iterator NewIteratorUpTo(this RocksDb db, byte[] end) =>
        db.NewIterator(readOptions: new ReadOptions().SetTotalOrderSeek(true).SetIterateUpperBound(end));

    /// <summary>What there is from a key on and before another one.</summary>
    /// <exception cref="RocksDbException">It cannot be read to its end.</exception>
    public static IEnumerable<(byte[] Key, byte[] Value)> Range(this RocksDb db, byte[] start, byte[] end)
    {
        using var iterator = db.NewIteratorUpTo(end);
        for (iterator.Seek(start); iterator.Valid(); iterator.Next())
            yield return (iterator.Key(), iterator.Value());
        iterator.ThrowIfFailed();
    }
}

using RocksDbSharp;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

internal static class IteratorExtensions
{
    /// <summary>An iterator that meets a damaged block just ends, as if there were nothing more: this tells the two apart.</summary>
    /// <exception cref="RocksDbException">It ended because of a fault.</exception>
    public static void ThrowIfFailed(this Iterator iterator) => Native.Instance.rocksdb_iter_get_error(iterator.Handle);
}

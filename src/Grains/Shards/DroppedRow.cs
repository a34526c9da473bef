using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>A row that limits were to drop, by a commit of which it is not known whether it took effect.</summary>
internal sealed class DroppedRow(StoredKey key, int size)
{
    public StoredKey Key { get; } = key;

    /// <summary>Bytes of its message.</summary>
    public int Size { get; } = size;

    /// <summary>It is known by now that it did: the row is gone, and counted as dropped.</summary>
    public bool IsGone { get; set; }
}

using RocksDbSharp;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>How RocksDB is set up for an outbox: short-lived rows, written once, read once, deleted.</summary>
internal static class DatabaseSettings
{
    /// <summary>
    /// Bytes of one write buffer, and with it of one log file. A row that is delivered while it is still in there never reaches a table file; 16 MiB hold about
    /// 25,000 rows, and replaying that log after a crash takes well under a second.
    /// </summary>
    private const ulong WriteBufferBytes = 16 << 20;

    /// <summary>
    /// One being filled, and two waiting to be written out, so that a slow disk does not stop the writer at once. Log files are bounded by the same three.
    /// </summary>
    private const int WriteBuffers = 3;

    /// <summary>
    /// Blocks, indices and filters that are kept in memory: about 100,000 users' newest rows. All of RocksDB's memory is this and the write buffers: 80 MiB.
    /// </summary>
    private const ulong BlockCacheBytes = 32 << 20;

    /// <summary>10 bits a key let through one in a hundred look-ups for what is not there.</summary>
    private const int FilterBitsPerKey = 10;

    /// <summary>Rows are read in runs, so blocks are larger than RocksDB's 4 KiB, and compress better.</summary>
    private const ulong BlockBytes = 16 << 10;

    /// <summary>Open table files; each costs a descriptor. 64 MiB a file: enough for 32 GiB without opening one again.</summary>
    private const int MaxOpenFiles = 512;

    /// <summary>A table file in which half of some 8,192 neighbours are deletions is compacted soon: readers would have to step over each of them.</summary>
    private const int DeletionWindow = 8192;

    /// <summary>No table file gets older without being compacted, so that what was delivered is gone from the disk too.</summary>
    private const ulong CompactionSeconds = 24 * 60 * 60;

    public static DbOptions Create()
    {
        var table = new BlockBasedTableOptions()
            .SetBlockSize(BlockBytes)
            .SetBlockCache(Cache.CreateLru(BlockCacheBytes))
            .SetCacheIndexAndFilterBlocks(true)
            .SetPinL0FilterAndIndexBlocksInCache(true)
            .SetFilterPolicy(BloomFilterPolicy.Create(FilterBitsPerKey, use_block_based_builder: false));
        var options = new DbOptions()
            .SetCreateIfMissing()
            .SetBlockBasedTableFactory(table)
            .SetPrefixExtractor(SliceTransform.CreateFixedPrefix(OutboxKeys.PrefixLength))
            .SetCompression(Compression.Lz4)
            .SetWriteBufferSize(WriteBufferBytes)
            .SetMaxWriteBufferNumber(WriteBuffers)
            .SetMaxOpenFiles(MaxOpenFiles)
            .IncreaseParallelism(2)
            // Damage inside the log is refused; only a last record that was cut off is not. RocksDB's default would leave out, without a word, whatever
            // follows.
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords)
            // RocksDB's own diary: warnings only, and bounded.
            .SetInfoLogLevel(InfoLogLevel.Warn)
            .SetMaxLogFileSize(1 << 20)
            .SetKeepLogFileNum(2)
            .SetStatsDumpPeriodSec(0)
            // 4 MiB otherwise, for a file of some kilobytes.
            .SetManifestPreallocationSize(64 << 10);
        // A log file would take its full size on disk from the start.
        Native.Instance.rocksdb_options_set_allow_fallocate(options.Handle, 0);
        Native.Instance.rocksdb_options_set_periodic_compaction_seconds(options.Handle, CompactionSeconds);
        Native.Instance.rocksdb_options_add_compact_on_deletion_collector_factory(options.Handle, DeletionWindow, DeletionWindow / 2);
        return options;
    }
}

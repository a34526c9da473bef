using System.IO.Hashing;
using System.Text;

namespace NotifyOrleans.Grains.Placement;

/// <summary>
/// Which of the active silos a shard belongs to: the one with the highest hash of both (rendezvous hashing). Shards are spread evenly, everybody comes to the
/// same answer without asking, and when a silo comes or goes only its own share moves.
/// </summary>
internal static class ShardHome
{
    /// <param name="shard">The shard's number.</param>
    /// <param name="silos">At least one silo.</param>
    public static SiloAddress Of(long shard, IEnumerable<SiloAddress> silos) =>
        silos.MaxBy(silo => (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(silo.ToParsableString()), shard), silo))!;
}

using System.Globalization;

namespace NotifyOrleans.Grains.Interfaces.Notifications;

/// <summary>
/// A message's place in its shard: the epoch of the shard's activation that took it, and its number within that epoch.
/// Places of one user only rise. On the wire: <c>x-offset: epoch-n</c>.
/// </summary>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.Place")]
public readonly record struct Place([property: Id(0)] long Epoch, [property: Id(1)] long Number) : IComparable<Place>
{
    /// <summary>Before every message.</summary>
    public static readonly Place Start;

    public int CompareTo(Place other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Number.CompareTo(other.Number);

    public static bool operator <(Place left, Place right) => left.CompareTo(right) < 0;

    public static bool operator >(Place left, Place right) => left.CompareTo(right) > 0;

    public static bool operator <=(Place left, Place right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Place left, Place right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Number}");
}

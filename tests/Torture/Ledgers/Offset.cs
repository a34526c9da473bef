namespace NotifyOrleans.Torture.Ledgers;

/// <summary>The header <c>x-offset</c>: the epoch of the shard that took the message, and the number within it.</summary>
public readonly record struct Offset(long Epoch, long Number) : IComparable<Offset>
{
    public static Offset Parse(string text) =>
        text.Split('-') is [var epoch, var number] ? new Offset(long.Parse(epoch), long.Parse(number)) : throw new FormatException(text);

    public int CompareTo(Offset other) => (Epoch, Number).CompareTo((other.Epoch, other.Number));

    public override string ToString() => $"{Epoch}-{Number}";
}

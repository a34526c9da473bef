namespace NotifyOrleans.Grains;

/// <summary>How far settings may go that are reckoned with: above these a sum leaves the calendar or the number.</summary>
internal static class SettingBounds
{
    /// <summary>A hundred years.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(36_500);

    /// <summary>A timer takes no more than 49 days.</summary>
    public static readonly TimeSpan MaxInterval = TimeSpan.FromDays(30);

    /// <summary>More than any store holds.</summary>
    public const long MaxCount = 1_000_000_000_000;
}

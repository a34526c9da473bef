namespace NotifyOrleans.Grains;

internal static class TimeProviderExtensions
{
    /// <summary>The time that has passed since some moment, for ages and waits: it does not jump, as the time of day does when a clock is set.</summary>
    public static TimeSpan Uptime(this TimeProvider time) => time.GetElapsedTime(0);
}

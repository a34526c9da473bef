namespace NotifyOrleans.Edge.Sessions;

/// <summary>Something that has to do things at certain times.</summary>
internal interface IClocked
{
    /// <summary>Called when its time has come, or up to 250 ms later.</summary>
    /// <param name="now">Milliseconds, as <see cref="SessionClock.Now"/>.</param>
    /// <returns>When to call again, in milliseconds; <see cref="SessionClock.Never"/> for not at all.</returns>
    long OnDue(long now);

    /// <summary>Where the clock keeps it; for the clock alone.</summary>
    int ClockSlot { get; set; }
}

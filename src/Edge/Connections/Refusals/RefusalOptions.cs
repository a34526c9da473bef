namespace NotifyOrleans.Edge.Connections.Refusals;

/// <summary>
/// How many CONNECTs may be refused at once before refusals come late: section <c>Stomp:Refusals</c>. Only refused ones count, and only they wait: a good token
/// is let in at once, whatever others do from its address.
/// </summary>
public sealed class RefusalOptions
{
    /// <summary>
    /// Refusals of an address (of IPv6: of its /64 network) that are answered at once. Default 500: a company behind one address whose tokens have ended
    /// together.
    /// </summary>
    public int PerAddress { get; set; } = 500;

    /// <summary>How many more of an address each second. Default 50: above what pages with old tokens try that connect again every few seconds.</summary>
    public double PerAddressAndSecond { get; set; } = 50;

    /// <summary>Refusals of a login from an address that are answered at once. Default 20: somebody's tabs and devices with an old token.</summary>
    public int PerUser { get; set; } = 20;

    /// <summary>How many more of a login from an address each second. Default 0.5.</summary>
    public double PerUserAndSecond { get; set; } = 0.5;

    /// <summary>
    /// How late the others are answered. Default 3 s: whoever guesses gets one answer in that time from each of his connections. At most half of
    /// <see cref="StompOptions.LoginTimeout"/>, so that one who waits holds a connection no longer than one who says nothing. 0 turns it off.
    /// </summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(3);
}

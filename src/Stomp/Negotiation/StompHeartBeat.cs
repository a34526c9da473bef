using System.Globalization;

namespace NotifyOrleans.Stomp.Negotiation;

/// <summary>
/// What one side says in a <c>heart-beat</c> header (STOMP 1.2, "Heart-beating").
/// </summary>
/// <param name="Outgoing">Milliseconds between the beats that the sender of the header can send; 0 = it sends none.</param>
/// <param name="Incoming">Milliseconds between the beats that it wants to get; 0 = it wants none.</param>
public readonly record struct StompHeartBeat(int Outgoing, int Incoming)
{
    /// <summary>No beats in either direction, which an absent header means.</summary>
    public static readonly StompHeartBeat None;

    /// <summary>Reads a client's header; absent is <see cref="None"/>, negative is 0, as in the reference.</summary>
    /// <returns>False when it is not two whole numbers and a comma.</returns>
    public static bool TryParse(string? header, out StompHeartBeat heartBeat)
    {
        heartBeat = None;
        if (header is null)
            return true;
        var comma = header.IndexOf(',');
        if (comma < 0 || !TryParse(header.AsSpan(0, comma), out var outgoing) || !TryParse(header.AsSpan(comma + 1), out var incoming))
            return false;
        heartBeat = new StompHeartBeat(outgoing, incoming);
        return true;
    }

    /// <summary>
    /// The server's header that answers this one of a client: its wishes, exchanged and in whole seconds (below one second is one, else rounded down).
    /// The server then sends each <see cref="Outgoing"/> and expects something each <see cref="Incoming"/>.
    /// </summary>
    public StompHeartBeat Answer() => new(WholeSeconds(Incoming), WholeSeconds(Outgoing));

    /// <summary>The header's value, <c>outgoing,incoming</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Outgoing},{Incoming}");

    private static int WholeSeconds(int milliseconds) => milliseconds <= 0 ? 0 : Math.Max(milliseconds / 1000, 1) * 1000;

    private static bool TryParse(ReadOnlySpan<char> text, out int milliseconds)
    {
        milliseconds = 0;
        var digits = text.TrimStart("+-");
        if (digits.IsEmpty || text.Length - digits.Length > 1 || digits.ContainsAnyExceptInRange('0', '9'))
            return false;
        if (text[0] == '-')
            return true;
        // Some weeks are as good as never.
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out milliseconds))
            milliseconds = int.MaxValue;
        return true;
    }
}

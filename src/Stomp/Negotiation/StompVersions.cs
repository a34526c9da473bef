namespace NotifyOrleans.Stomp.Negotiation;

/// <summary>The versions on the wire, and which of them a CONNECT gets.</summary>
public static class StompVersions
{
    /// <summary>All versions that we speak, as the <c>version</c> header of an ERROR names them.</summary>
    public const string Supported = "1.0,1.1,1.2";

    /// <summary>The version as CONNECTED names it.</summary>
    public static string Name(StompVersion version) =>
        version switch
        {
            StompVersion.V10 => "1.0",
            StompVersion.V11 => "1.1",
            _ => "1.2",
        };

    /// <summary>
    /// The highest version that both sides speak. The header is split at commas only, so a blank hides a version, as in the reference; absent means 1.0.
    /// </summary>
    /// <returns>False when there is none in common.</returns>
    public static bool TryNegotiate(string? acceptVersion, out StompVersion version)
    {
        version = StompVersion.V10;
        if (acceptVersion is null)
            return true;
        var found = false;
        foreach (var range in acceptVersion.AsSpan().Split(','))
        {
            if (!TryParse(acceptVersion.AsSpan(range), out var offered))
                continue;
            found = true;
            if (offered > version)
                version = offered;
        }
        return found;
    }

    private static bool TryParse(ReadOnlySpan<char> text, out StompVersion version)
    {
        version = text switch
        {
            "1.1" => StompVersion.V11,
            "1.2" => StompVersion.V12,
            _ => StompVersion.V10,
        };
        return version != StompVersion.V10 || text is "1.0";
    }
}

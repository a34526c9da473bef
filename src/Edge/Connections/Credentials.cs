namespace NotifyOrleans.Edge.Connections;

/// <summary>What a client has said of itself before its session.</summary>
/// <param name="Login">Who it says it is; empty when its token alone tells.</param>
/// <param name="Passcode">The token.</param>
internal sealed record Credentials(string Login, string Passcode)
{
    /// <summary>A record would show its token in any text.</summary>
    public override string ToString() => nameof(Credentials);
}

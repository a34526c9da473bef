namespace NotifyOrleans.Grains.Authority.Issuers;

/// <summary>The issuer for a developer's machine: <c>Authority:Development</c>. HS256; issuer and audience are <see cref="Name"/>.</summary>
public sealed class DevelopmentIssuerOptions
{
    public const string Name = "notifyorleans-development";

    /// <summary>The secret, in the forms of <see cref="IssuerOptions.SigningKey"/>. No default: a known key would let everybody in.</summary>
    public string SigningKey { get; init; } = "";

    /// <summary>How long a token lives that the demo page gets. Default 1 hour: long enough to play, short enough to see a session end.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);
}

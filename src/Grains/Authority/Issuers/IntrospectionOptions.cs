namespace NotifyOrleans.Grains.Authority.Issuers;

/// <summary>An issuer that is asked about each token (RFC 7662): <c>Authority:Issuers:N:Introspection</c>.</summary>
public sealed class IntrospectionOptions
{
    /// <summary>The issuer's introspection endpoint. https, or http to this machine.</summary>
    public string Address { get; init; } = "";

    /// <summary>Who we are to the issuer.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Our secret there; sent by HTTP Basic (RFC 6749, 2.3.1).</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>
    /// How long an answer counts for further sign-ins with the same token. Default 30 s: a client that connects again and again is asked about twice a minute,
    /// and a token that the issuer has revoked signs in for half a minute more at most. 0 asks each time.
    /// </summary>
    public TimeSpan CacheTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Answers that are kept. Default 20,000: some 20 MB, when tokens say what they usually do.</summary>
    public int MaxCached { get; init; } = 20_000;
}

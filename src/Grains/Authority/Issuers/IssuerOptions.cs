namespace NotifyOrleans.Grains.Authority.Issuers;

/// <summary>An issuer whose tokens are taken: <c>Authority:Issuers:N</c>.</summary>
public sealed class IssuerOptions
{
    /// <summary>The token's <c>iss</c>.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>
    /// What the token's <c>aud</c> must hold. Required: a token that was made for somebody else is not for us. Only where the issuer is asked about each token
    /// it may be empty: then the issuer alone says whether the token is for who asks.
    /// </summary>
    public string Audience { get; init; } = "";

    /// <summary>
    /// The key: UTF-8 text (a secret for HS256, at least 32 bytes, or a public key in PEM for RS256 or ES256), or <c>base64:</c> and either of them in base64.
    /// The kind of key fixes the algorithm. One of this, <see cref="MetadataAddress"/> and <see cref="Introspection"/>.
    /// </summary>
    public string SigningKey { get; init; } = "";

    /// <summary>Where the issuer publishes its OpenID Connect metadata, and by it its keys (JWKS). https, or http to this machine.</summary>
    public string MetadataAddress { get; init; } = "";

    /// <summary>Where the issuer says what a token is worth, for tokens that nobody else can read.</summary>
    public IntrospectionOptions Introspection { get; init; } = new();
}

namespace NotifyOrleans.Grains.Authority;

/// <summary>An address of its own for <c>/auth</c>: <c>Authority:Endpoint</c>.</summary>
public sealed class AuthorityEndpointOptions
{
    /// <summary>
    /// Such as <c>http://127.0.0.1:8082</c> or <c>https://10.0.0.5:8082</c>; then <c>/auth</c> is served there and nowhere else, and nothing else there. Empty,
    /// the default: at the silo's addresses, which are inside or on this machine.
    /// </summary>
    public string Url { get; init; } = "";

    /// <summary>The certificate for https; without a path Kestrel's default one (<c>Kestrel:Certificates:Default</c>).</summary>
    public EndpointCertificateOptions Certificate { get; init; } = new();

    /// <summary>
    /// A PEM file with the certificates of those who sign the broker's: who shows none of theirs gets no connection (mutual TLS). It is read at each handshake,
    /// so it may be replaced. Empty, the default: whoever reaches the address may ask.
    /// </summary>
    public string ClientAuthorities { get; init; } = "";
}

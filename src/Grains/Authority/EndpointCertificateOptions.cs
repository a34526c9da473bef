namespace NotifyOrleans.Grains.Authority;

/// <summary>A server's certificate, as Kestrel takes it.</summary>
public sealed class EndpointCertificateOptions
{
    /// <summary>A PEM file, or PKCS #12.</summary>
    public string Path { get; init; } = "";

    /// <summary>The PEM file of its private key; empty for PKCS #12.</summary>
    public string KeyPath { get; init; } = "";

    /// <summary>Of the key, if it has one.</summary>
    public string Password { get; init; } = "";
}

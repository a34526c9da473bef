using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>
/// A scripted silo and an edge with everything turned on that brings clients in: WebSocket, with and without TLS, TCP and TLS, listed proxies, tokens in
/// addresses.
/// </summary>
public sealed class TransportFixture : EdgeAtSilo
{
    /// <summary>Where the listed proxy connects from, on this machine.</summary>
    public const string Proxy = "127.0.0.2";

    private readonly TemporaryFolder _folder = new();

    public int TcpPort { get; } = FreePort.Next();

    public int TlsPort { get; } = FreePort.Next();

    public int WssPort { get; } = FreePort.Next();

    public override async Task InitializeAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=edge.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder.File("edge.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.File("edge.key"), key.ExportPkcs8PrivateKeyPem());
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            ("Proxies__Networks__0", Proxy),
            ("Proxies__ProxyProtocolPorts__0", $"{TcpPort}"),
            ("Proxies__ProxyProtocolPorts__1", $"{TlsPort}"),
            ("Proxies__ProxyProtocolPorts__2", $"{WebPort}"),
            ("Stomp__AllowAccessTokenInQuery", "true"),
            ("Logging__LogLevel__Microsoft.AspNetCore", "Debug"),
            ("Stomp__Tcp__Enabled", "true"),
            ("Stomp__Tcp__Port", $"{TcpPort}"),
            ("Stomp__Tcp__Address", "127.0.0.1"),
            ("Stomp__Tls__Enabled", "true"),
            ("Stomp__Tls__Port", $"{TlsPort}"),
            ("Kestrel__Endpoints__Http__Url", $"http://127.0.0.1:{WebPort}"),
            ("Kestrel__Endpoints__Wss__Url", $"https://127.0.0.1:{WssPort}"),
            ("Kestrel__Certificates__Default__Path", _folder.File("edge.pem")),
            ("Kestrel__Certificates__Default__KeyPath", _folder.File("edge.key")),
            ("Stomp__HostNames__0", "push.example.org"),
            ("Stomp__LoginTimeout", "00:00:06"),
            ("Stomp__PingInterval", "00:00:01"),
        ];
}

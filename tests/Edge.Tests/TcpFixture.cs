using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests;

/// <summary>A scripted silo and an edge that speaks STOMP over WebSocket, TCP and TLS.</summary>
public sealed class TcpFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ScriptedSilo? _silo;
    private EdgeProcess? _edge;

    public ScriptedSilo Silo => _silo!;

    public EdgeProcess Edge => _edge!;

    public int TcpPort { get; } = FreePort.Next();

    public int TlsPort { get; } = FreePort.Next();

    public async Task InitializeAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=edge.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder.File("edge.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.File("edge.key"), key.ExportPkcs8PrivateKeyPem());
        _silo = await ScriptedSilo.StartNewAsync();
        _edge = await EdgeProcess.StartAsync(_silo.GatewayPort, settings:
        [
            ("Stomp__Tcp__Enabled", "true"), ("Stomp__Tcp__Port", $"{TcpPort}"), ("Stomp__Tcp__Address", "127.0.0.1"),
            ("Stomp__Tls__Enabled", "true"), ("Stomp__Tls__Port", $"{TlsPort}"),
            ("Kestrel__Certificates__Default__Path", _folder.File("edge.pem")), ("Kestrel__Certificates__Default__KeyPath", _folder.File("edge.key")),
            ("Stomp__HostNames__0", "push.example.org"), ("Stomp__LoginTimeout", "00:00:02"), ("Stomp__PingInterval", "00:00:01"),
        ]);
        await _edge.WaitForLinkAsync();
    }

    public async Task DisposeAsync()
    {
        if (_edge is not null)
            await _edge.DisposeAsync();
        if (_silo is not null)
            await _silo.DisposeAsync();
        _folder.Dispose();
    }
}

using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>
/// Stands in front of the server's upgrade (HTTP/1.1) or extended CONNECT (HTTP/2), which the framework's WebSocket is built on, and puts a
/// <see cref="ProbingStream"/> in between. Handshake, framing and close stay the framework's.
/// </summary>
internal sealed class ProbingUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, IConnectionTransportFeature? transport)
    : IHttpUpgradeFeature,
        IHttpExtendedConnectFeature
{
    /// <summary>The stream beneath the WebSocket, once that was accepted.</summary>
    public ProbingStream? Stream { get; private set; }

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    public string? Protocol => connect?.Protocol;

    /// <summary>For a request that may become a WebSocket; to be called before the framework's own middleware.</summary>
    public static void Install(IFeatureCollection features)
    {
        var upgrade = features.Get<IHttpUpgradeFeature>();
        var connect = features.Get<IHttpExtendedConnectFeature>();
        if (upgrade is not { IsUpgradableRequest: true } && connect is not { IsExtendedConnect: true })
            return;
        var probing = new ProbingUpgrade(upgrade, connect, features.Get<IConnectionTransportFeature>());
        features.Set(probing);
        if (upgrade is not null)
            features.Set<IHttpUpgradeFeature>(probing);
        if (connect is not null)
            features.Set<IHttpExtendedConnectFeature>(probing);
    }

    public async Task<Stream> UpgradeAsync() => Stream = new ProbingStream(await upgrade!.UpgradeAsync(), transport?.Transport.Output);

    public async ValueTask<Stream> AcceptAsync() => Stream = new ProbingStream(await connect!.AcceptAsync());
}

using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Edge.Connections.Proxies;

/// <summary>Takes the PROXY header off the connections of listed proxies, before TLS and HTTP, and gives them the client's address.</summary>
internal sealed partial class ProxyProtocol(IOptions<ProxiesOptions> options, ConnectionMetrics metrics, ILogger<ProxyProtocol> logger)
{
    /// <summary>A proxy sends it at once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ProxyNetworks _networks = new(options.Value.Networks);
    private readonly HashSet<int> _ports = [.. options.Value.ProxyProtocolPorts];

    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (
            connection.LocalEndPoint is IPEndPoint { Port: var port }
            && _ports.Contains(port)
            && _networks.Contains(connection.RemoteEndPoint)
            && !await TryTakeAsync(connection)
        )
        {
            metrics.Refused("proxy_protocol");
            LogNoHeader(connection.RemoteEndPoint);
            connection.Abort();
            return;
        }
        await next(connection);
    }

    private static async Task<bool> TryTakeAsync(ConnectionContext connection)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var read = await connection.Transport.Input.ReadAsync(patience.Token);
                var found = ProxyHeader.TryRead(read.Buffer, out var length, out var source);
                if (found == true)
                {
                    connection.Transport.Input.AdvanceTo(read.Buffer.GetPosition(length));
                    connection.RemoteEndPoint = source ?? connection.RemoteEndPoint;
                    return true;
                }
                connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (found == false || read.IsCompleted)
                    return false;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return false;
        }
    }
}

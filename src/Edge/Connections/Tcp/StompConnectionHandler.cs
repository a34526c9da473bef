using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Edge.Connections.Tcp;

/// <summary>Serves a socket, plain or under TLS, as a connection.</summary>
internal sealed class StompConnectionHandler(ConnectionServices services, IOptions<StompOptions> options, IHostApplicationLifetime lifetime) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        // The silent are asked by the kernel: it answers for the peer's, so a probe of the session's would always find somebody there.
        connection.Features.Get<SocketProgress>()?.KeepAlive(options.Value.PingInterval, options.Value.AnswerTimeout);
        var served = new Connection(new TcpTransport(connection), services);
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            served.ShutDown(options.Value.Drain.RetryJitter * Random.Shared.NextDouble());
        await served.RunAsync();
    }
}

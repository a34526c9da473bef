using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>The WebSocket endpoint: lets a request in or not, and serves it as a connection.</summary>
internal sealed class StompEndpoint(IOptions<StompOptions> options, ConnectionServices services, IHostApplicationLifetime lifetime)
{
    private readonly OriginCheck _origins = new(options.Value.AllowedOrigins);
    private readonly UpgradeCredentials _credentials = new(options.Value, new OriginCheck(options.Value.AllowedOrigins));
    private readonly CompressionOptions _compression = options.Value.Compression;

    public async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "no_websocket", "This address speaks STOMP over WebSocket.\n");
            return;
        }
        if (!_origins.Allows(context.Request.Headers.Origin))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "origin", "This origin is not allowed.\n");
            return;
        }
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "shutdown", "Server shutting down.\n");
            return;
        }
        // A client that does not read is ours to deal with. (HTTP/2 has no such limit.)
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate && HttpProtocol.IsHttp11(context.Request.Protocol))
            rate.MinDataRate = null;
        var credentials = _credentials.Take(context.Request);
        if (_compression.Enabled)
            Compression.KeepNoContext(context.Request.Headers);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext
            {
                SubProtocol = Subprotocols.Choose(context.WebSockets.WebSocketRequestedProtocols),
                // The session has its own, which prove what has arrived too.
                KeepAliveInterval = TimeSpan.Zero,
                DangerousEnableCompression = _compression.Enabled,
                DisableServerContextTakeover = true,
            }
        );
        var stream = context.Features.GetRequiredFeature<ProbingUpgrade>().Stream!;
        var agreed = context.Response.Headers[HeaderNames.SecWebSocketExtensions].ToString();
        var transport = new WebSocketTransport(socket, stream, agreed.Length > 0 ? _compression.MinBytes : int.MaxValue, !Compression.HasSmallWindow(agreed))
        {
            PeerAddress = PeerAddresses.Of(context.Connection.RemoteIpAddress),
            HostName = context.Request.Host.Host,
            Credentials = credentials,
        };
        Forget(context.Request.Headers);
        await new Connection(transport, services).RunAsync();
    }

    /// <summary>
    /// A request lasts as long as its connection, and so do its headers, of which a browser's cookies alone may be kilobytes. One by one: what is cleared as a
    /// whole the server keeps for a next request.
    /// </summary>
    private static void Forget(IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys.ToArray())
            headers.Remove(name);
    }

    private Task RefuseAsync(HttpContext context, int status, string reason, string text)
    {
        services.Metrics.Refused(reason);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text);
    }
}

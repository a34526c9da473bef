using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Connections.Tcp;

/// <summary>Listeners of STOMP without WebSocket.</summary>
internal static class TcpExtensions
{
    /// <summary>Listens at <c>Stomp:Tcp</c> and <c>Stomp:Tls</c>, where they are enabled.</summary>
    public static WebApplicationBuilder AddTcp(this WebApplicationBuilder builder)
    {
        // Read by themselves: the options are validated together with all others, later.
        var tcp = Read(builder.Configuration, "Tcp", TcpOptions.DefaultTcpPort);
        var tls = Read(builder.Configuration, "Tls", TcpOptions.DefaultTlsPort);
        if (tcp is null && tls is null)
            return builder;
        builder.ListenAtEndpointsToo();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Listen(kestrel, tcp, _ => { });
            // The certificate is Kestrel's default one, which it reads anew when the file changes.
            Listen(kestrel, tls, listener => listener.UseHttps());
        });
        return builder;
    }

    /// <summary>Where to listen; null when it is off, or cannot be: that fault is told by the validator.</summary>
    private static IPEndPoint? Read(IConfiguration configuration, string name, int defaultPort)
    {
        var section = configuration.GetSection($"{StompOptions.Section}:{name}");
        if (!bool.TryParse(section[nameof(TcpOptions.Enabled)], out var enabled) || !enabled)
            return null;
        var address = IPAddress.IPv6Any;
        if (section[nameof(TcpOptions.Address)] is { Length: > 0 } text && !IPAddress.TryParse(text, out address))
            return null;
        if (!int.TryParse(section[nameof(TcpOptions.Port)] ?? $"{defaultPort}", out var port) || port is < 1 or > IPEndPoint.MaxPort)
            return null;
        return new IPEndPoint(address, port);
    }

    private static void Listen(KestrelServerOptions kestrel, IPEndPoint? endPoint, Action<ListenOptions> secure)
    {
        if (endPoint is null)
            return;
        // Of IPv4 too, where all addresses are meant.
        if (endPoint.Address.Equals(IPAddress.IPv6Any))
            kestrel.ListenAnyIP(endPoint.Port, Configure);
        else
            kestrel.Listen(endPoint, Configure);

        void Configure(ListenOptions listener)
        {
            // No HTTP is spoken here, so none is offered by ALPN.
            listener.Protocols = HttpProtocols.None;
            listener.Use(next =>
                context =>
                {
                    SocketProgress.Install(context);
                    return next(context);
                }
            );
            secure(listener);
            listener.UseConnectionHandler<StompConnectionHandler>();
        }
    }
}

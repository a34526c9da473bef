using System.Net;

namespace NotifyOrleans.Edge.Connections.Proxies;

internal sealed partial class ProxyProtocol
{
    [LoggerMessage(1650, LogLevel.Debug, "{Proxy} is a listed proxy, and began a connection without a PROXY header.")]
    private partial void LogNoHeader(EndPoint? proxy);
}

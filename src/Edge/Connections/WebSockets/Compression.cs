using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>How permessage-deflate is agreed on.</summary>
internal static class Compression
{
    private const string Extension = "permessage-deflate";

    private const string ClientKeepsNoContext = "client_no_context_takeover";

    private const string ServerWindow = "server_max_window_bits";

    /// <summary>Whether the client wants to keep less of what it is sent than a compressor refers to.</summary>
    public static bool HasSmallWindow(string agreed) => agreed.Contains(ServerWindow, StringComparison.Ordinal);

    /// <summary>
    /// Has the client begin each message anew too, so that an idle connection holds no window of 32 KiB for what it has sent. A server may ask for that whether
    /// the client has offered it or not (RFC 7692, 7.1.1.2); the framework answers what was offered, so the offer is completed.
    /// </summary>
    public static void KeepNoContext(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(HeaderNames.SecWebSocketExtensions, out var offers))
            return;
        headers[HeaderNames.SecWebSocketExtensions] = new StringValues([
            .. offers
                .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .Select(offer =>
                    offer.StartsWith(Extension, StringComparison.Ordinal) && !offer.Contains(ClientKeepsNoContext, StringComparison.Ordinal)
                        ? $"{offer}; {ClientKeepsNoContext}"
                        : offer
                ),
        ]);
    }
}

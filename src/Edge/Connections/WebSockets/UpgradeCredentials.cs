using System.Net.Http.Headers;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>Credentials in the request that becomes a WebSocket, for a CONNECT that has none.</summary>
internal sealed class UpgradeCredentials(StompOptions options, OriginCheck origins)
{
    private const string Basic = "Basic";

    private const string Bearer = "Bearer";

    private const string QueryParameter = "access_token";

    /// <summary>Takes the credentials out of a request; null when there are none that can be read.</summary>
    public Credentials? Take(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        // The request lives as long as the connection; the token need not.
        request.Headers.Authorization = default;
        return Read(authorization, request) ?? ReadQuery(request);
    }

    private Credentials? Read(string authorization, HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header) || header.Parameter is not { Length: > 0 } parameter)
            return null;
        if (header.Scheme.Equals(Bearer, StringComparison.OrdinalIgnoreCase))
            return new Credentials("", parameter);
        // A browser adds what it knows for Basic by itself, also to what a foreign page asks for.
        if (header.Scheme.Equals(Basic, StringComparison.OrdinalIgnoreCase) && origins.Knows(request.Headers.Origin, request.Host.Value))
            return ReadBasic(parameter);
        return null;
    }

    private static Credentials? ReadBasic(string parameter)
    {
        try
        {
            return StrictUtf8.Encoding.GetString(Convert.FromBase64String(parameter)).Split(':', 2) is [var login, { Length: > 0 } passcode]
                ? new Credentials(login, passcode)
                : null;
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    private Credentials? ReadQuery(HttpRequest request) =>
        options.AllowAccessTokenInQuery && request.Query[QueryParameter] is [{ Length: > 0 } token] ? new Credentials("", token) : null;
}

using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;

namespace NotifyOrleans.Silo.Admin;

/// <summary>
/// <c>Authorization: Basic</c> (RFC 7617), for browsers, which ask for it: the user's name, or none, and the token as password, as STOMP and AMQP have them.
/// </summary>
internal sealed class BasicAuthenticationHandler(
    TokenAuthority authority,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder
) : TokenAuthenticationHandler(authority, options, loggers, encoder)
{
    public const string Name = "Basic";

    protected override string Challenge => $"{Name} realm=\"NotifyOrleans\", charset=\"UTF-8\"";

    protected override (string? Login, string Token)? Read(string credentials)
    {
        var bytes = new byte[credentials.Length];
        if (!Convert.TryFromBase64String(credentials, bytes, out var length))
            return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? (text[..colon], text[(colon + 1)..]) : null;
    }
}

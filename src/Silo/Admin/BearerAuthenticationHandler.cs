using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;

namespace NotifyOrleans.Silo.Admin;

/// <summary><c>Authorization: Bearer TOKEN</c> (RFC 6750), for programs.</summary>
internal sealed class BearerAuthenticationHandler(
    TokenAuthority authority,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder
) : TokenAuthenticationHandler(authority, options, loggers, encoder)
{
    public const string Name = "Bearer";

    protected override (string? Login, string Token)? Read(string credentials) => (null, credentials);
}

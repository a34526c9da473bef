using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Admin;

/// <summary><c>Authorization: Bearer</c> (RFC 6750), judged by the authority that broker and edges ask too.</summary>
internal sealed class TokenAuthenticationHandler(
    TokenAuthority authority, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public new const string Scheme = "Bearer";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.ToString() is not { Length: > 0 } header)
            return AuthenticateResult.NoResult();
        if (!header.StartsWith($"{Scheme} ", StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.Fail("no bearer token");
        var answer = await authority.AuthenticateAsync(new UserQuestion(Username: null, header[(Scheme.Length + 1)..].Trim(), Vhost: null, LoginOptional: true));
        if (!answer.Allowed)
            return AuthenticateResult.Fail("the token is refused");
        var identity = new ClaimsIdentity(answer.Tags.Select(tag => new Claim(ClaimTypes.Role, tag)), Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers[HeaderNames.WWWAuthenticate] = Scheme;
        return Task.CompletedTask;
    }
}

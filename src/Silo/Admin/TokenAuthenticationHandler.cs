using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Admin;

/// <summary>A token in the header <c>Authorization</c>, judged by the authority that broker and edges ask too.</summary>
internal abstract class TokenAuthenticationHandler(
    TokenAuthority authority,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private bool _isUnanswered;

    /// <summary>What is sent back where there is no token, or one that is not taken (RFC 9110, 11.6.1).</summary>
    protected virtual string Challenge => Scheme.Name;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.ToString() is not { Length: > 0 } header)
            return AuthenticateResult.NoResult();
        if (
            !header.StartsWith($"{Scheme.Name} ", StringComparison.OrdinalIgnoreCase)
            || Read(header[(Scheme.Name.Length + 1)..].Trim()) is not var (login, token)
        )
            return AuthenticateResult.Fail($"not {Scheme.Name} with a token");
        try
        {
            var answer = await authority.AuthenticateAsync(new UserQuestion(login, token, Vhost: null, LoginOptional: true));
            if (!answer.Allowed)
                return AuthenticateResult.Fail("the token is refused");
            var identity = new ClaimsIdentity(answer.Tags.Select(tag => new Claim(ClaimTypes.Role, tag)), Scheme.Name);
            return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
        }
        catch (AuthorityUnavailableException exception)
        {
            _isUnanswered = true;
            return AuthenticateResult.Fail(exception);
        }
    }

    /// <summary>Reads what follows the scheme's name.</summary>
    /// <returns>Whose token it is said to be (null = not said), and the token; null when it is not written as the scheme wants it.</returns>
    protected abstract (string? Login, string Token)? Read(string credentials);

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // A good token must not be taken for a bad one, as by a browser that forgets the password.
        if (_isUnanswered)
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.Append(HeaderNames.WWWAuthenticate, Challenge);
        return Task.CompletedTask;
    }
}

using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Issuers;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>The issuer of a developer's machine: on in the environment Development while no issuer is configured.</summary>
internal sealed partial class DevelopmentIssuer : IDevelopmentIssuer
{
    private readonly AuthorityOptions _options;
    private readonly TimeProvider _time;
    private readonly SigningCredentials? _credentials;

    public DevelopmentIssuer(IOptions<AuthorityOptions> options, IHostEnvironment environment, TimeProvider time, ILogger<DevelopmentIssuer> logger)
    {
        (_options, _time) = (options.Value, time);
        if (_options.Issuers.Length > 0 || !environment.IsDevelopment() || !SigningKey.TryParse(_options.Development.SigningKey, out var key, out _))
            return;
        _credentials = new SigningCredentials(key.Key, key.Algorithm);
        LogDevelopmentIssuerOn(logger, DevelopmentIssuerOptions.Name);
    }

    /// <summary>As an issuer whose tokens are taken; null when it is off.</summary>
    public IssuerOptions? AsIssuer() =>
        _credentials is null
            ? null
            : new IssuerOptions
            {
                Issuer = DevelopmentIssuerOptions.Name,
                Audience = DevelopmentIssuerOptions.Name,
                SigningKey = _options.Development.SigningKey,
            };

    public string? Issue(string user, string[] roles)
    {
        if (_credentials is null)
            return null;
        var now = _time.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = DevelopmentIssuerOptions.Name,
                Audience = DevelopmentIssuerOptions.Name,
                IssuedAt = now,
                Expires = now + _options.Development.Lifetime,
                Claims = new Dictionary<string, object> { [_options.UserClaim] = user, [_options.RolesClaim] = roles },
                SigningCredentials = _credentials,
            }
        );
    }
}

using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using NotifyOrleans.Grains.Authority;

namespace NotifyOrleans.Silo.Authority;

/// <summary>
/// Judges JSON Web Tokens (RFC 7519, RFC 8725) with Microsoft's token machinery. The token's <c>iss</c> chooses the configured issuer, and that one alone fixes
/// key, algorithm and audience: nothing in the token's header does.
/// </summary>
internal sealed partial class JwtTokenValidator : ITokenValidator
{
    // Below the broker's patience with an answer (5 s in docker/rabbitmq).
    private static readonly HttpClient Metadata = new() { Timeout = TimeSpan.FromSeconds(3) };

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = TokenAuthority.MaxTokenLength };
    private readonly ILookup<string, TokenValidationParameters> _issuers;
    private readonly AuthorityOptions _options;
    private readonly AuthorityMetrics _metrics;
    private readonly ILogger _logger;

    public JwtTokenValidator(
        IOptions<AuthorityOptions> options, DevelopmentIssuer development, AuthorityMetrics metrics, ILogger<JwtTokenValidator> logger)
    {
        (_options, _metrics, _logger) = (options.Value, metrics, logger);
        _issuers = (development.AsIssuer() is { } issuer ? [issuer] : _options.Issuers).ToLookup(issuer => issuer.Issuer, ParametersOf);
    }

    public async Task<VerifiedToken?> ValidateAsync(string token)
    {
        if (!TryRead(token, out var jwt))
            return Refuse("malformed");
        var reason = "issuer";
        foreach (var parameters in _issuers[jwt.Issuer])
        {
            if (!await HasKeysAsync(parameters))
            {
                LogIssuerUnreachable(_logger);
                reason = "issuer_unreachable";
                continue;
            }
            var result = await _handler.ValidateTokenAsync(jwt, parameters);
            if (result.IsValid)
                return Read(jwt) ?? Refuse("user");
            reason = ReasonOf(result.Exception);
        }
        return Refuse(reason);
    }

    /// <summary>False when an issuer's keys were never fetched and cannot be now. Keys once fetched are kept when a later fetch fails.</summary>
    private static async Task<bool> HasKeysAsync(TokenValidationParameters parameters)
    {
        try
        {
            return parameters.ConfigurationManager is not { } issuer || await issuer.GetBaseConfigurationAsync(CancellationToken.None) is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private TokenValidationParameters ParametersOf(IssuerOptions issuer)
    {
        var parameters = new TokenValidationParameters
        {
            ValidIssuer = issuer.Issuer,
            ValidAudience = issuer.Audience,
            IgnoreTrailingSlashWhenValidatingAudience = false,
            ClockSkew = _options.ClockSkew,
        };
        if (SigningKey.TryParse(issuer.SigningKey, out var key, out _))
        {
            parameters.IssuerSigningKey = key.Key;
            parameters.ValidAlgorithms = [key.Algorithm];
        }
        else
        {
            parameters.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
                issuer.MetadataAddress,
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever(Metadata) { RequireHttps = !new Uri(issuer.MetadataAddress).IsLoopback });
            parameters.ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];
        }
        return parameters;
    }

    private bool TryRead(string token, out JsonWebToken jwt)
    {
        jwt = null!;
        try
        {
            if (!_handler.CanReadToken(token))
                return false;
            jwt = _handler.ReadJsonWebToken(token);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException)
        {
            return false;
        }
    }

    /// <summary>Null when it names no user.</summary>
    private VerifiedToken? Read(JsonWebToken jwt)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload));
        var user = payload.RootElement.TryGetProperty(_options.UserClaim, out var claim) ? TokenClaims.UserOf(claim) : null;
        return user is null
            ? null
            : new VerifiedToken(
                user,
                payload.RootElement.TryGetProperty(_options.RolesClaim, out var roles) ? [.. TokenClaims.WordsOf(roles)] : [],
                [.. TokenClaims.PairsOf(payload.RootElement, _options.ScopeClaim)],
                new DateTimeOffset(jwt.ValidTo),
                TokenClaims.IdOf(payload.RootElement, jwt.EncodedToken),
                TokenClaims.IssuedAtOf(payload.RootElement));
    }

    private VerifiedToken? Refuse(string reason)
    {
        _metrics.TokenRefused(reason);
        LogTokenRefused(_logger, reason);
        return null;
    }

    private static string ReasonOf(Exception? exception) => exception switch
    {
        SecurityTokenExpiredException => "expired",
        SecurityTokenNotYetValidException => "not_yet_valid",
        SecurityTokenNoExpirationException => "no_expiry",
        SecurityTokenInvalidAudienceException => "audience",
        SecurityTokenInvalidAlgorithmException => "algorithm",
        SecurityTokenSignatureKeyNotFoundException => "key",
        SecurityTokenInvalidSignatureException => "signature",
        _ => "other",
    };
}

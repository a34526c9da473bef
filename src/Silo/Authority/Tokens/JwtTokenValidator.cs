using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Issuers;
using NotifyOrleans.Grains.Authority.Tokens;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>
/// Judges JSON Web Tokens (RFC 7519, RFC 8725) with Microsoft's token machinery. The token's <c>iss</c> chooses the configured issuer, and that one alone fixes
/// key, algorithm and audience: nothing in the token's header does.
/// </summary>
internal sealed partial class JwtTokenValidator
{
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = TokenAuthority.MaxTokenLength };
    private readonly ILookup<string, TokenValidationParameters> _issuers;
    private readonly AuthorityOptions _options;
    private readonly AuthorityMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public JwtTokenValidator(
        IOptions<AuthorityOptions> options,
        DevelopmentIssuer development,
        AuthorityMetrics metrics,
        TimeProvider time,
        ILogger<JwtTokenValidator> logger
    )
    {
        (_options, _metrics, _time, _logger) = (options.Value, metrics, time, logger);
        var issuers = development.AsIssuer() is { } issuer ? [issuer] : _options.Issuers;
        _issuers = issuers.Where(issuer => issuer.Introspection.Address.Length == 0).ToLookup(issuer => issuer.Issuer, ParametersOf);
    }

    /// <summary>The <c>iss</c> of a token; null when it is no JSON Web Token or names none.</summary>
    public string? IssuerOf(string token) => TryRead(token, out var jwt) && jwt.Issuer.Length > 0 ? jwt.Issuer : null;

    /// <summary>Whether tokens of that issuer are signed by keys that are known or fetched.</summary>
    public bool Takes(string issuer) => _issuers.Contains(issuer);

    /// <inheritdoc cref="ITokenValidator.ValidateAsync"/>
    public async Task<VerifiedToken?> ValidateAsync(string token)
    {
        if (!TryRead(token, out var jwt))
            return Refuse("malformed");
        var reason = "issuer";
        foreach (var parameters in _issuers[jwt.Issuer])
        {
            var fault = await FaultOfAsync(jwt, parameters);
            if (fault is null)
                return Read(jwt) ?? Refuse("user");
            reason = fault;
        }
        return Refuse(reason);
    }

    /// <summary>What is wrong with a token; null when nothing is.</summary>
    private async Task<string?> FaultOfAsync(JsonWebToken jwt, TokenValidationParameters parameters)
    {
        var keys = parameters.ConfigurationManager as IssuerKeys;
        BaseConfiguration? known = null;
        try
        {
            if (keys is not null)
                known = await keys.GetBaseConfigurationAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            return "issuer_unreachable";
        }
        var result = await _handler.ValidateTokenAsync(jwt, parameters);
        if (keys is not null && result.Exception is SecurityTokenSignatureKeyNotFoundException && await keys.TryRefreshAsync(known!))
            result = await _handler.ValidateTokenAsync(jwt, parameters);
        return result.IsValid ? null : ReasonOf(result.Exception);
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
            parameters.ConfigurationManager = new IssuerKeys(issuer.MetadataAddress, _time, _logger);
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
        // Not the signature: whoever has a token can write it in other ways that are as good, and would have another id.
        var signed = $"{jwt.EncodedHeader}.{jwt.EncodedPayload}";
        return TokenClaims.Read(payload.RootElement, jwt.EncodedToken, new DateTimeOffset(jwt.ValidTo), _options, signed);
    }

    private VerifiedToken? Refuse(string reason)
    {
        _metrics.TokenRefused(reason);
        LogTokenRefused(_logger, reason);
        return null;
    }

    private static string ReasonOf(Exception? exception) =>
        exception switch
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

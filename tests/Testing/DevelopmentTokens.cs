using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace NotifyOrleans.Testing;

/// <summary>Tokens of the development issuer (HS256), as <c>scripts/token.sh</c> makes them.</summary>
public sealed class DevelopmentTokens
{
    /// <summary>The key that the silo is given.</summary>
    public const string Key = "a-key-for-tests-only-0123456789abcdef";

    private const string Issuer = "notifyorleans-development";

    public string For(string user, params string[] roles) => For(user, TimeSpan.FromHours(1), roles);

    public string For(string user, TimeSpan lifetime, params string[] roles) => Sign(Issuer, user, lifetime, roles);

    /// <summary>One that is not for us.</summary>
    public string ForAudience(string audience, string user, params string[] roles) => Sign(audience, user, TimeSpan.FromHours(1), roles);

    private static string Sign(string audience, string user, TimeSpan lifetime, string[] roles)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                iss = Issuer,
                aud = audience,
                sub = user,
                roles,
                iat = now.ToUnixTimeSeconds(),
                exp = (now + lifetime).ToUnixTimeSeconds(),
                jti = Guid.NewGuid().ToString("N"),
            }
        );
        var signed = $"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.ASCII.GetBytes(signed)))}";
    }
}

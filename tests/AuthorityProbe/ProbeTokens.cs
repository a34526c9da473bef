using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace NotifyOrleans.AuthorityProbe;

/// <summary>RS256 tokens, good and bad.</summary>
internal sealed class ProbeTokens : IDisposable
{
    public const string Issuer = "https://issuer.example";
    public const string Audience = "notify";

    private readonly RSA _key = RSA.Create(2048);

    public string PublicKey => _key.ExportSubjectPublicKeyInfoPem();

    public string Good(string user) => Sign(user, TimeSpan.FromHours(1));

    public string Expired(string user) => Sign(user, TimeSpan.FromHours(-1));

    /// <summary>Well-formed, of the right issuer, for the right audience, with a signature of nobody: the most work for whoever judges it.</summary>
    public static string Forged(string user) => $"{Signed(user, TimeSpan.FromHours(1))}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(256))}";

    public void Dispose() => _key.Dispose();

    private string Sign(string user, TimeSpan lifetime)
    {
        var signed = Signed(user, lifetime);
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Signed(string user, TimeSpan lifetime)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                iss = Issuer,
                aud = Audience,
                sub = user,
                scope = "openid profile email",
                roles = (string[])["customer"],
                iat = now.ToUnixTimeSeconds(),
                exp = (now + lifetime).ToUnixTimeSeconds(),
                jti = Guid.NewGuid().ToString("N"),
            }
        );
        return $"{Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(claims)}";
    }
}

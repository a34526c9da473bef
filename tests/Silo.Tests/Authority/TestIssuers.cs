using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>Three issuers, one of each kind of key, and the settings that make them known.</summary>
internal static class TestIssuers
{
    public const string Audience = "notify";
    public const string Hs = "https://hs.example";
    public const string Rs = "https://rs.example";
    public const string Es = "https://es.example";

    public static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);
    public static readonly RSA Rsa = RSA.Create(2048);
    public static readonly ECDsa Curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static SigningCredentials HsCredentials => new(new SymmetricSecurityKey(Secret), SecurityAlgorithms.HmacSha256);

    public static SigningCredentials RsCredentials => new(new RsaSecurityKey(Rsa), SecurityAlgorithms.RsaSha256);

    public static SigningCredentials EsCredentials => new(new ECDsaSecurityKey(Curve), SecurityAlgorithms.EcdsaSha256);

    public static Dictionary<string, string?> Settings =>
        new()
        {
            ["Authority:Issuers:0:Issuer"] = Hs,
            ["Authority:Issuers:0:Audience"] = Audience,
            ["Authority:Issuers:0:SigningKey"] = $"base64:{Convert.ToBase64String(Secret)}",
            ["Authority:Issuers:1:Issuer"] = Rs,
            ["Authority:Issuers:1:Audience"] = Audience,
            ["Authority:Issuers:1:SigningKey"] = Rsa.ExportSubjectPublicKeyInfoPem(),
            ["Authority:Issuers:2:Issuer"] = Es,
            ["Authority:Issuers:2:Audience"] = Audience,
            ["Authority:Issuers:2:SigningKey"] = $"base64:{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Curve.ExportSubjectPublicKeyInfoPem()))}",
        };
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>
/// A configured key and the one algorithm that it verifies: a secret is HS256, a public key in PEM is RS256 (RSA) or ES256 (P-256). A public key is never taken
/// for a secret (RFC 8725, 2.1), since the form of the text alone decides.
/// </summary>
internal sealed record SigningKey(SecurityKey Key, string Algorithm)
{
    // RFC 7518, 3.2 and 3.3.
    private const int MinSecretBytes = 32;
    private const int MinRsaBits = 2048;

    // Its object identifier (RFC 5480, 2.1.1.1); its names differ between platforms.
    private const string P256 = "1.2.840.10045.3.1.7";

    private const string Base64Prefix = "base64:";
    private const string PemPrefix = "-----BEGIN ";

    /// <param name="text">UTF-8 text, or <c>base64:</c> and base64.</param>
    /// <param name="key">The key.</param>
    /// <param name="fault">What is wrong; never shows the key.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SigningKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        if (!TryDecode(text, out var bytes))
        {
            fault = $"is not base64 after {Base64Prefix}";
            return false;
        }
        var pem = Encoding.UTF8.GetString(bytes).Trim();
        if (pem.StartsWith(PemPrefix, StringComparison.Ordinal))
            return TryParsePem(pem, out key, out fault);
        fault = bytes.Length < MinSecretBytes ? $"has {bytes.Length} bytes; a secret for HS256 needs at least {MinSecretBytes}" : null;
        if (fault is not null)
            return false;
        key = new SigningKey(new SymmetricSecurityKey(bytes), SecurityAlgorithms.HmacSha256);
        return true;
    }

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = Encoding.UTF8.GetBytes(text);
        if (!text.StartsWith(Base64Prefix, StringComparison.Ordinal))
            return true;
        try
        {
            bytes = Convert.FromBase64String(text[Base64Prefix.Length..]);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool TryParsePem(string pem, [NotNullWhen(true)] out SigningKey? key, [NotNullWhen(false)] out string? fault)
    {
        (key, fault) = (null, null);
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
            fault = "is a private key; only the issuer should have it, the public one belongs here";
        else if (TryImport(RSA.Create(), pem) is { } rsa)
            key = Checked(rsa, out fault);
        else if (TryImport(ECDsa.Create(), pem) is { } curve)
            key = Checked(curve, out fault);
        else
            fault = "is no public key in PEM";
        return key is not null;
    }

    private static SigningKey? Checked(RSA rsa, out string? fault)
    {
        fault = rsa.KeySize < MinRsaBits ? $"is an RSA key of {rsa.KeySize} bits; RS256 needs at least {MinRsaBits}" : null;
        return fault is null ? new SigningKey(new RsaSecurityKey(rsa), SecurityAlgorithms.RsaSha256) : null;
    }

    private static SigningKey? Checked(ECDsa curve, out string? fault)
    {
        var oid = curve.ExportParameters(includePrivateParameters: false).Curve.Oid;
        fault = oid?.Value != P256 ? $"is an elliptic curve key on {oid?.FriendlyName}; ES256 needs P-256" : null;
        return fault is null ? new SigningKey(new ECDsaSecurityKey(curve), SecurityAlgorithms.EcdsaSha256) : null;
    }

    private static T? TryImport<T>(T algorithm, string pem)
        where T : AsymmetricAlgorithm
    {
        try
        {
            algorithm.ImportFromPem(pem);
            return algorithm;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            algorithm.Dispose();
            return null;
        }
    }
}

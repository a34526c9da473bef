using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NotifyOrleans.Silo.Authority.Listening;

/// <summary>Judges the certificates that brokers show: by the configured authorities alone, not by those that the machine trusts.</summary>
internal static class ClientCertificates
{
    /// <summary>RFC 5280, 4.2.1.12: for clients.</summary>
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");

    /// <summary>Whether a certificate is in force, for clients, and signed by one in a PEM file.</summary>
    public static bool AreSignedBy(string pemFile, X509Certificate2 certificate)
    {
        if (Read(pemFile) is not { } authorities)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(ForClients);
        // There is nobody to ask about certificates of one's own authority.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }

    /// <summary>The certificates in a PEM file; null when there are none, or it cannot be read.</summary>
    public static X509Certificate2Collection? Read(string pemFile)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(pemFile);
            return certificates.Count > 0 ? certificates : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }
    }
}

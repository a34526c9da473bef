using System.Buffers.Text;
using System.Security.Cryptography;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>Ids of sessions, in the reference's form. Random, so that none comes twice on any edge.</summary>
internal static class SessionIds
{
    public static string Next()
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        return $"session-{Base64Url.EncodeToString(random)}";
    }
}

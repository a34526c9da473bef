using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace NotifyOrleans.Silo.Authority;

/// <summary>Reads a token's claims as text.</summary>
internal static class TokenClaims
{
    // Issuers use UUIDs and the like.
    private const int MaxIdLength = 255;

    // The year 9999.
    private const double MaxSeconds = 253_402_300_799;

    /// <summary>The user's id: text, or a whole number, since many services number their users.</summary>
    public static string? UserOf(JsonElement claim) => claim.ValueKind is JsonValueKind.String or JsonValueKind.Number ? TextOf(claim) : null;

    /// <summary>What the token is revoked by: its <c>jti</c>, or without a sensible one the SHA-256 of its text.</summary>
    public static string IdOf(JsonElement payload, string token) =>
        payload.TryGetProperty("jti", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 and <= MaxIdLength } text
            ? text
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    /// <summary>The <c>iat</c>; null when there is none that is a time.</summary>
    public static DateTimeOffset? IssuedAtOf(JsonElement payload) =>
        payload.TryGetProperty("iat", out var issued) && issued.ValueKind == JsonValueKind.Number && issued.GetDouble() is >= 0 and < MaxSeconds and var seconds
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    /// <summary>
    /// The elements of an array as they are, or the words of a text. An element with blanks stays whole: the role "customer service" is not "service".
    /// </summary>
    public static IEnumerable<string> WordsOf(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.Array => claim.EnumerateArray().Select(TextOf).OfType<string>(),
        JsonValueKind.String => claim.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        _ => [],
    };

    /// <summary>All claims as <c>name=value</c>, one for each element of an array and for each scope. Objects are left out.</summary>
    public static IEnumerable<string> PairsOf(JsonElement payload, string scopeClaim) =>
        payload.EnumerateObject().SelectMany(claim => ValuesOf(claim, scopeClaim).Select(value => $"{claim.Name}={value}"));

    private static IEnumerable<string> ValuesOf(JsonProperty claim, string scopeClaim) =>
        claim.Name == scopeClaim || claim.Value.ValueKind == JsonValueKind.Array ? WordsOf(claim.Value) : new[] { TextOf(claim.Value) }.OfType<string>();

    /// <summary>Text, a whole number or a truth value as text; null for anything else.</summary>
    private static string? TextOf(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.String => claim.GetString(),
        JsonValueKind.Number when claim.TryGetInt64(out _) => claim.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}

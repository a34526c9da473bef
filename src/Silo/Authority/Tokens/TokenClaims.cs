using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>Reads what a token says, or what its issuer says of it.</summary>
internal static class TokenClaims
{
    // Issuers use UUIDs and the like.
    private const int MaxIdLength = 255;

    // The year 9999.
    private const double MaxSeconds = 253_402_300_799;

    /// <summary>All of it; null when it names no user.</summary>
    /// <param name="payload">The claims.</param>
    /// <param name="token">The token's text, of which nothing is kept.</param>
    /// <param name="expiresAt">When it ends.</param>
    /// <param name="options">Tell which claim is which.</param>
    /// <param name="signed">What of its text is signed; null when that is not known.</param>
    public static VerifiedToken? Read(JsonElement payload, string token, DateTimeOffset expiresAt, AuthorityOptions options, string? signed = null) =>
        payload.TryGetProperty(options.UserClaim, out var claim) && UserOf(claim) is { } user
            ? new VerifiedToken(
                user,
                payload.TryGetProperty(options.RolesClaim, out var roles) ? [.. WordsOf(roles)] : [],
                [.. PairsOf(payload, options.ScopeClaim)],
                expiresAt,
                JtiOf(payload) ?? HashOf(signed ?? token),
                TimeOf(payload, "iat")
            )
            {
                TextId = signed is null || JtiOf(payload) is not null ? null : HashOf(token),
            }
            : null;

    /// <summary>The user's id: text, or a whole number, since many services number their users.</summary>
    public static string? UserOf(JsonElement claim) => claim.ValueKind is JsonValueKind.String or JsonValueKind.Number ? TextOf(claim) : null;

    /// <summary>A time, such as <c>iat</c>; null when the claim is not there or is none.</summary>
    public static DateTimeOffset? TimeOf(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var time) && time.ValueKind == JsonValueKind.Number && time.GetDouble() is >= 0 and < MaxSeconds and var seconds
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    /// <summary>
    /// The elements of an array as they are, or the words of a text. An element with blanks stays whole: the role "customer service" is not "service".
    /// </summary>
    public static IEnumerable<string> WordsOf(JsonElement claim) =>
        claim.ValueKind switch
        {
            JsonValueKind.Array => claim.EnumerateArray().Select(TextOf).OfType<string>(),
            JsonValueKind.String => claim.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            _ => [],
        };

    /// <summary>
    /// All claims as <c>name=value</c>, one for each element of an array and for each scope. Left out are objects, what no rule is about since each token has
    /// its own, and a name with <c>=</c>, which would pass for another's value.
    /// </summary>
    public static IEnumerable<string> PairsOf(JsonElement payload, string scopeClaim) =>
        payload
            .EnumerateObject()
            .Where(claim => claim.Name is not ("exp" or "nbf" or "iat" or "jti") && !claim.Name.Contains('=', StringComparison.Ordinal))
            .SelectMany(claim => ValuesOf(claim, scopeClaim).Select(value => $"{claim.Name}={value}"));

    /// <summary>Its <c>jti</c>; null without a sensible one.</summary>
    private static string? JtiOf(JsonElement payload) =>
        payload.TryGetProperty("jti", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 and <= MaxIdLength } text
            ? text
            : null;

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    private static IEnumerable<string> ValuesOf(JsonProperty claim, string scopeClaim) =>
        claim.Name == scopeClaim || claim.Value.ValueKind == JsonValueKind.Array ? WordsOf(claim.Value) : new[] { TextOf(claim.Value) }.OfType<string>();

    /// <summary>Text, a whole number or a truth value as text; null for anything else.</summary>
    private static string? TextOf(JsonElement claim) =>
        claim.ValueKind switch
        {
            JsonValueKind.String => claim.GetString(),
            JsonValueKind.Number when claim.TryGetInt64(out _) => claim.GetRawText(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => null,
        };
}

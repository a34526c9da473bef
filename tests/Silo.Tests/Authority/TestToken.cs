using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>Makes tokens, good ones unless told otherwise.</summary>
internal sealed record TestToken(string User, params string[] Roles)
{
    public string Issuer { get; init; } = TestIssuers.Hs;

    public string Audience { get; init; } = TestIssuers.Audience;

    /// <summary>From now; null leaves <c>exp</c> out.</summary>
    public TimeSpan? Lifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>From now; null leaves <c>nbf</c> out.</summary>
    public TimeSpan? NotBefore { get; init; }

    /// <summary>Further claims; they take the place of those above.</summary>
    public Dictionary<string, object> Claims { get; init; } = [];

    /// <summary>Fields of the header.</summary>
    public Dictionary<string, object> Header { get; init; } = [];

    public SigningCredentials? Credentials { get; init; } = TestIssuers.HsCredentials;

    public string Payload
    {
        get
        {
            var claims = new Dictionary<string, object>
            {
                ["iss"] = Issuer,
                ["aud"] = Audience,
                ["sub"] = User,
            };
            if (Roles.Length > 0)
                claims["roles"] = Roles;
            if (Lifetime is { } lifetime)
                claims["exp"] = DateTimeOffset.UtcNow.Add(lifetime).ToUnixTimeSeconds();
            if (NotBefore is { } notBefore)
                claims["nbf"] = DateTimeOffset.UtcNow.Add(notBefore).ToUnixTimeSeconds();
            foreach (var (name, value) in Claims)
                claims[name] = value;
            return JsonSerializer.Serialize(claims);
        }
    }

    public string Text => Credentials is null ? Unsigned("none") : new JsonWebTokenHandler().CreateToken(Payload, Credentials, Header);

    /// <summary>Issued so many seconds from now.</summary>
    public static TestToken IssuedIn(int seconds, string user, params string[] roles) =>
        new TestToken(user, roles).With("iat", DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds());

    public TestToken With(string claim, object value) => this with { Claims = new(Claims) { [claim] = value } };

    /// <summary>With this <c>alg</c> and an empty signature.</summary>
    public string Unsigned(string algorithm) => $"{Base64(JsonSerializer.Serialize(new { alg = algorithm, typ = "JWT" }))}.{Base64(Payload)}.";

    /// <summary>With the payload of another token and the signature of this one.</summary>
    public string WithPayloadOf(TestToken other)
    {
        var parts = Text.Split('.');
        return $"{parts[0]}.{Base64(other.Payload)}.{parts[2]}";
    }

    public override string ToString() => $"token of {User}";

    private static string Base64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}

using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NotifyOrleans.Testing;

namespace NotifyOrleans.System.Tests.Scripts;

/// <summary><c>scripts/token.sh</c>: its signature is checked by .NET, and what it says is read back.</summary>
public sealed class TokenShTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("short")]
    [InlineData("exactly sixty-four octets, which is the block of SHA-256: 1234567")]
    [InlineData("longer than a block: its hash takes its place, as RFC 2104 says, and nobody notices the difference")]
    [InlineData("Schlüssel 鍵 % \\n \" with 'quotes'")]
    [InlineData("base64:AAECAwQFBgcICQoLDA0ODw==", "000102030405060708090A0B0C0D0E0F")]
    public async Task Token_AnyKey_IsSignedAsDotNetSigns(string key, string? hex = null)
    {
        var octets = hex is null ? Encoding.UTF8.GetBytes(key) : Convert.FromHexString(hex);
        var token = await TokenAsync(key, "alice");
        var end = token.LastIndexOf('.');
        Assert.Equal(Base64Url.EncodeToString(HMACSHA256.HashData(octets, Encoding.ASCII.GetBytes(token[..end]))), token[(end + 1)..]);
        Assert.Equal("""{"alg":"HS256","typ":"JWT"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[0])));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("with \"quotes\" and a \\ backslash")]
    [InlineData("Zoë 鍵 🔔")]
    [InlineData("tab\tand line\nand bell\a")]
    [InlineData("a & b \u0001 %s $HOME `id`")]
    public async Task Token_AnyName_ArrivesAsItIs(string user)
    {
        using var claims = ClaimsOf(await TokenAsync("a key", user, "service", user));
        Assert.Equal(user, claims.RootElement.GetProperty("sub").GetString());
        Assert.Equal(["service", user], claims.RootElement.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal(("me", "us"), (claims.RootElement.GetProperty("iss").GetString(), claims.RootElement.GetProperty("aud").GetString()));
    }

    [Fact]
    public async Task Token_ManyAtOnce_AreDifferentAndGoodFromNow()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TokenAsync("a key", "alice")));
        var after = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.Equal(20, tokens.Distinct().Count());
        foreach (var token in tokens)
        {
            using var claims = ClaimsOf(token);
            Assert.InRange(claims.RootElement.GetProperty("iat").GetInt64(), before, after);
            Assert.InRange(claims.RootElement.GetProperty("exp").GetInt64(), after + 3600, after + 24 * 3600);
        }
    }

    [Fact]
    public async Task Token_TheFastestOfSome_TakesLessThanASecond()
    {
        var fastest = TimeSpan.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var started = Stopwatch.GetTimestamp();
            await TokenAsync("a key", "alice");
            fastest = TimeSpan.FromTicks(Math.Min(fastest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
        }
        Assert.True(fastest < TimeSpan.FromSeconds(1), $"{fastest.TotalMilliseconds:0} ms");
    }

    private async Task<string> TokenAsync(string key, string user, params string[] roles)
    {
        var run = await ScriptRun.RunAsync(
            Repository.PathOf("scripts", "token.sh"),
            [user, .. roles],
            new Dictionary<string, string?>
            {
                ["DATA_DIR"] = _folder.Path,
                ["Authority__Issuers__0__SigningKey"] = key,
                ["Authority__Issuers__0__Issuer"] = "me",
                ["Authority__Issuers__0__Audience"] = "us",
            }
        );
        Assert.True(run.ExitCode == 0, run.Errors);
        return run.Output.TrimEnd('\n');
    }

    private static JsonDocument ClaimsOf(string token) => JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
}

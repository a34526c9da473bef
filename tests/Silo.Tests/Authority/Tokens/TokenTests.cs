using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

public sealed class TokenTests(AuthorityFixture fixture) : IClassFixture<AuthorityFixture>
{
    private static readonly string[] AllIssuers = [TestIssuers.Hs, TestIssuers.Rs, TestIssuers.Es];

    public static TheoryData<string> Issuers => [.. AllIssuers];

    private static TestToken Alice => new("alice");

    [Theory]
    [MemberData(nameof(Issuers))]
    public async Task Token_OfEachKindOfKey_IsTaken(string issuer) => Assert.Equal("allow", await AuthenticateAsync(Of(issuer)));

    [Theory]
    [MemberData(nameof(Issuers))]
    public async Task Token_SignedByAnotherIssuersKey_IsRefused(string issuer)
    {
        foreach (var other in AllIssuers.Where(other => other != issuer))
            Assert.Equal("deny", await AuthenticateAsync(Of(issuer) with { Credentials = Of(other).Credentials }));
    }

    [Theory]
    [MemberData(nameof(Issuers))]
    public async Task Token_WithForeignPayload_IsRefused(string issuer) =>
        Assert.Equal("deny", await AuthenticateAsync("root", Of(issuer).WithPayloadOf(Of(issuer) with { User = "root", Roles = ["admin"] })));

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("RS256")]
    [InlineData("")]
    public async Task Token_Unsigned_IsRefused(string algorithm)
    {
        foreach (var issuer in AllIssuers)
            Assert.Equal("deny", await AuthenticateAsync("alice", Of(issuer).Unsigned(algorithm)));
    }

    [Fact]
    public async Task Token_SignedWithThePublicKeyAsSecret_IsRefused()
    {
        byte[][] secrets =
        [
            Encoding.UTF8.GetBytes(TestIssuers.Rsa.ExportSubjectPublicKeyInfoPem()),
            Encoding.UTF8.GetBytes(TestIssuers.Rsa.ExportSubjectPublicKeyInfoPem() + "\n"),
            TestIssuers.Rsa.ExportSubjectPublicKeyInfo(),
            TestIssuers.Rsa.ExportRSAPublicKey(),
        ];
        foreach (var secret in secrets)
            Assert.Equal("deny", await AuthenticateAsync(Of(TestIssuers.Rs) with { Credentials = Hs256(secret) }));
    }

    [Fact]
    public async Task Token_WithAnotherAlgorithmOfTheRightKey_IsRefused()
    {
        var long64 = new SymmetricSecurityKey([.. TestIssuers.Secret, .. TestIssuers.Secret]);
        Assert.Equal("deny", await AuthenticateAsync(Alice with { Credentials = new(long64, SecurityAlgorithms.HmacSha512) }));
        var rsa = new RsaSecurityKey(TestIssuers.Rsa);
        foreach (var algorithm in (string[])[SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256])
            Assert.Equal("deny", await AuthenticateAsync(Of(TestIssuers.Rs) with { Credentials = new(rsa, algorithm) }));
    }

    [Theory]
    [InlineData("jku", "http://127.0.0.1:1/keys")]
    [InlineData("x5u", "http://127.0.0.1:1/keys")]
    [InlineData("jwk", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Token_WithAKeyInItsHeader_IsJudgedByTheConfiguredKeyAlone(string field, string value)
    {
        var header = new Dictionary<string, object> { [field] = field == "jwk" ? new Dictionary<string, string> { ["kty"] = "oct", ["k"] = value } : value };
        Assert.Equal("allow", await AuthenticateAsync(Alice with { Header = header }));
        Assert.Equal("deny", await AuthenticateAsync(Alice with { Header = header, Credentials = Hs256(new byte[32]) }));
    }

    [Theory]
    [InlineData("../../../../dev/null")]
    [InlineData("' or 1=1 --")]
    [InlineData("")]
    public async Task Token_WithAnyKeyId_IsJudgedByTheConfiguredKeyAlone(string keyId)
    {
        Assert.Equal("allow", await AuthenticateAsync(Alice with { Credentials = Hs256(TestIssuers.Secret, keyId) }));
        Assert.Equal("deny", await AuthenticateAsync(Alice with { Credentials = Hs256(new byte[32], keyId) }));
    }

    [Fact]
    public async Task Token_ForAnotherAudienceOrIssuer_IsRefused()
    {
        Assert.Equal("deny", await AuthenticateAsync(Alice with { Audience = "somebody-else" }));
        Assert.Equal("deny", await AuthenticateAsync(Alice with { Audience = "notify/" }));
        Assert.Equal("deny", await AuthenticateAsync(Alice with { Audience = "" }));
        Assert.Equal("deny", await AuthenticateAsync(Alice with { Issuer = "https://unknown.example" }));
        Assert.Equal("deny", await AuthenticateAsync(Alice with { Issuer = "" }));
        Assert.Equal("allow", await AuthenticateAsync(Alice.With("aud", (string[])["somebody-else", "notify"])));
    }

    [Theory]
    [InlineData(-3600, null, false)]
    [InlineData(-30, null, false)]
    [InlineData(-2, null, true)]
    [InlineData(3600, 30, false)]
    [InlineData(3600, 2, true)]
    [InlineData(3600, -30, true)]
    [InlineData(null, null, false)]
    public async Task Token_BeforeAndAfterItsTime_IsRefusedButForTheSkew(int? lifetime, int? notBefore, bool taken)
    {
        // A user for each row: what is known of a user's tokens counts for the later questions.
        var token = new TestToken($"user{lifetime}{notBefore}")
        {
            Lifetime = lifetime is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            NotBefore = notBefore is { } begin ? TimeSpan.FromSeconds(begin) : null,
        };
        Assert.Equal(taken ? "allow" : "deny", await AuthenticateAsync(token));
    }

    [Theory]
    [InlineData(253402300799)]
    [InlineData(long.MaxValue)]
    public async Task Token_WithAnEndFarAway_IsTaken(long end) => Assert.Equal("allow", await AuthenticateAsync(new TestToken("eternal").With("exp", end)));

    [Theory]
    [InlineData("")]
    [InlineData("bob")]
    [InlineData("Alice")]
    [InlineData("alice ")]
    public async Task Login_OtherThanTheTokensUser_IsRefused(string login) =>
        Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync(login, Alice.Text));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("{}")]
    [InlineData("e30.e30.")]
    public async Task Token_Garbage_IsRefused(string token) => Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync("alice", token));

    [Fact]
    public async Task Token_LongerThanTheLimit_IsRefused()
    {
        Assert.Equal("allow", await AuthenticateAsync(Alice.With("padding", new string('x', 11_000))));
        Assert.Equal("deny", await AuthenticateAsync(Alice.With("padding", new string('x', 13_000))));
    }

    [Fact]
    public async Task Login_EmptyOrAbsent_IsLeftToTheEdge()
    {
        foreach (var login in (string?[])["", null])
        {
            var atTheEdge = await fixture.Silo.Grain.SignInAsync(new UserQuestion(login, Alice.Text, null, LoginOptional: true));
            Assert.True(atTheEdge.Allowed);
            Assert.Equal("alice", atTheEdge.User);
            Assert.False((await fixture.Silo.Grain.SignInAsync(new UserQuestion(login, Alice.Text, null, LoginOptional: false))).Allowed);
        }
        Assert.False((await fixture.Silo.Grain.SignInAsync(new UserQuestion("bob", Alice.Text, null, LoginOptional: true))).Allowed);
        Assert.False((await fixture.Silo.Grain.SignInAsync(new UserQuestion(null, null, null, LoginOptional: true))).Allowed);
    }

    [Fact]
    public async Task Answer_OfAGoodToken_SaysWhenItEnds()
    {
        var answer = await fixture.Silo.Grain.SignInAsync(new UserQuestion("alice", Alice.Text, null, LoginOptional: false));
        Assert.InRange(answer.ExpiresAt!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
        Assert.Equal(TimeSpan.Zero, answer.ExpiresAt.Value.Offset);
    }

    [Theory]
    [InlineData(42L, "42")]
    [InlineData(9007199254740993L, "9007199254740993")]
    public async Task User_Number_IsTakenAsText(long claim, string user) =>
        Assert.Equal("allow", await AuthenticateAsync(user, new TestToken("").With("sub", claim).Text));

    [Fact]
    public async Task User_OtherThanTextOrNumber_IsRefused()
    {
        const string HalfPair = "half of a surrogate pair";
        foreach (var claim in (object[])["", true, 1.5, (string[])["alice"], new { name = "alice" }, "a\r\nrole:admin", "a\0", HalfPair, new string('a', 256)])
        {
            var payload = new TestToken("").With("sub", claim).Payload.Replace(HalfPair, @"\ud83d", StringComparison.Ordinal);
            var token = new JsonWebTokenHandler().CreateToken(payload, TestIssuers.HsCredentials);
            Assert.False((await fixture.Silo.Grain.SignInAsync(new UserQuestion(null, token, null, LoginOptional: true))).Allowed);
            Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync("alice", token));
        }
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("*")]
    [InlineData("#")]
    [InlineData("%2F")]
    [InlineData("a b+c&d=e")]
    [InlineData("Zoë@example.com")]
    public async Task User_WithAnyPrintableText_SignsIn(string user) => Assert.Equal("allow", await AuthenticateAsync(new TestToken(user)));

    [Fact]
    public async Task Roles_NamedInRules_ComeBackAsTags()
    {
        Assert.Equal("allow service", await AuthenticateAsync(new TestToken("billing", "service", "other")));
        Assert.Equal("allow admin auditor administrator", await AuthenticateAsync(new TestToken("root", "auditor", "admin")));
        Assert.Equal("allow", await AuthenticateAsync(new TestToken("mallory", "administrator", "management", "Service")));
        Assert.Equal("allow auditor service", await AuthenticateAsync(new TestToken("text").With("roles", "service  auditor")));
    }

    [Fact]
    public async Task Roles_WithBlanksInAnArray_AreNotTakenApart()
    {
        Assert.Equal("allow", await AuthenticateAsync(new TestToken("mallory", "customer service", " admin", "service admin")));
        Assert.Equal("allow", await AuthenticateAsync(new TestToken("mallory").With("roles", new { service = true })));
    }

    [Fact]
    public async Task Claim_NamedInARule_HoldsForTheLaterQuestionsThatCarryNoToken()
    {
        var write = new TopicQuestion("scoped", "/", "audit", Permission.Write, "log.scoped.x", []);
        Assert.False(await fixture.BothSides.AuthorizeAsync(write));
        await AuthenticateAsync(new TestToken("scoped").With("scope", "log.writer log"));
        Assert.False(await fixture.BothSides.AuthorizeAsync(write));
        await AuthenticateAsync(new TestToken("scoped").With("scope", "openid log.write"));
        Assert.True(await fixture.BothSides.AuthorizeAsync(write));
        Assert.False(await fixture.BothSides.AuthorizeAsync(write with { RoutingKey = "log.other.x" }));
        Assert.False(await fixture.BothSides.AuthorizeAsync(write with { Username = "other" }));
    }

    private static TestToken Of(string issuer) =>
        Alice with
        {
            Issuer = issuer,
            Credentials = issuer switch
            {
                TestIssuers.Rs => TestIssuers.RsCredentials,
                TestIssuers.Es => TestIssuers.EsCredentials,
                _ => TestIssuers.HsCredentials,
            },
        };

    private static SigningCredentials Hs256(byte[] secret, string? keyId = null) =>
        new(new SymmetricSecurityKey(secret) { KeyId = keyId }, SecurityAlgorithms.HmacSha256);

    private Task<string> AuthenticateAsync(TestToken token) => AuthenticateAsync(token.User, token.Text);

    private Task<string> AuthenticateAsync(string user, string token) => fixture.BothSides.AuthenticateAsync(user, token);
}

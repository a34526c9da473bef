using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority.Issuers;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>What a silo's configuration makes of the authority.</summary>
public class StartTests
{
    [Fact]
    public async Task Start_WithFaults_IsRefusedAndNamesThemAll()
    {
        using var shortRsa = RSA.Create(1024);
        using var rsa = RSA.Create(2048);
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var secret = "this-secret-is-too-short";
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            AuthoritySilo.StartAsync(
                new Dictionary<string, string?>
                {
                    ["Authority:Issuers:0:SigningKey"] = secret,
                    ["Authority:Issuers:1:Issuer"] = "a",
                    ["Authority:Issuers:1:Audience"] = "b",
                    ["Authority:Issuers:1:SigningKey"] = "base64:?",
                    ["Authority:Issuers:2:Issuer"] = "a",
                    ["Authority:Issuers:2:Audience"] = "b",
                    ["Authority:Issuers:2:SigningKey"] = shortRsa.ExportSubjectPublicKeyInfoPem(),
                    ["Authority:Issuers:3:Issuer"] = "a",
                    ["Authority:Issuers:3:Audience"] = "b",
                    ["Authority:Issuers:3:SigningKey"] = rsa.ExportPkcs8PrivateKeyPem(),
                    ["Authority:Issuers:4:Issuer"] = "a",
                    ["Authority:Issuers:4:Audience"] = "b",
                    ["Authority:Issuers:4:SigningKey"] = otherCurve.ExportSubjectPublicKeyInfoPem(),
                    ["Authority:Issuers:5:Issuer"] = "a",
                    ["Authority:Issuers:5:Audience"] = "b",
                    ["Authority:Issuers:6:Issuer"] = "a",
                    ["Authority:Issuers:6:Audience"] = "b",
                    ["Authority:Issuers:6:MetadataAddress"] = "http://issuer.example/.well-known/openid-configuration",
                    ["Authority:Issuers:7:Issuer"] = "a",
                    ["Authority:Issuers:7:Audience"] = "b",
                    ["Authority:Issuers:7:SigningKey"] = "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----",
                    ["Authority:Issuers:8:Issuer"] = "a",
                    ["Authority:Issuers:8:Introspection:Address"] = "http://issuer.example/introspect",
                    ["Authority:Issuers:8:Introspection:CacheTime"] = "1.00:00:00",
                    ["Authority:Issuers:8:Introspection:MaxCached"] = "0",
                    ["Authority:ClockSkew"] = "soon",
                    ["Authority:UserKlaim"] = "sub",
                    ["Authority:Rules:0:Resource"] = "queue",
                    ["Authority:Rules:0:Name"] = "*",
                    ["Authority:Rules:0:Permissions"] = "read manage",
                }
            )
        );
        string[] places =
        [
            "Authority:Issuers:0:Issuer: is empty",
            "Authority:Issuers:0:Audience: is empty",
            "Authority:Issuers:0:SigningKey: has 24 bytes",
            "Authority:Issuers:1:SigningKey: is not base64",
            "Authority:Issuers:2:SigningKey: is an RSA key of 1024 bits",
            "Authority:Issuers:3:SigningKey: is a private key",
            "Authority:Issuers:4:SigningKey: is an elliptic curve key",
            "Authority:Issuers:5: needs either",
            "Authority:Issuers:6:MetadataAddress:",
            "Authority:Issuers:7:SigningKey: is no public key",
            "Authority:Issuers:8:Introspection:Address:",
            "Authority:Issuers:8:Introspection:ClientId: is empty",
            "Authority:Issuers:8:Introspection:ClientSecret: is empty",
            "Authority:Issuers:8:Introspection:CacheTime:",
            "Authority:Issuers:8:Introspection:MaxCached:",
            "Authority:ClockSkew:",
            "Authority:UserKlaim:",
            "Authority:Rules:0:Permissions: 'manage'",
        ];
        foreach (var place in places)
            Assert.Contains(fault.Failures, failure => failure.StartsWith(place, StringComparison.Ordinal));
        Assert.Equal(places.Length, fault.Failures.Count());
        Assert.DoesNotContain(secret, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithoutIssuers_IsRefusedOutsideOfDevelopment()
    {
        var settings = new Dictionary<string, string?> { ["Authority:Development:SigningKey"] = new string('k', 32) };
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => AuthoritySilo.StartAsync(settings));
        Assert.StartsWith("Authority:Issuers: is empty", Assert.Single(fault.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    public async Task Start_InDevelopmentWithoutAProperKey_IsRefused(string key)
    {
        var settings = new Dictionary<string, string?> { ["Authority:Development:SigningKey"] = key };
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => AuthoritySilo.StartAsync(settings, "Development"));
        Assert.StartsWith("Authority:Development:SigningKey: ", Assert.Single(fault.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DevelopmentIssuer_InDevelopment_HandsOutTokensThatAreTaken()
    {
        var settings = new Dictionary<string, string?> { ["Authority:Development:SigningKey"] = "a development key of 36 characters !" };
        await using var silo = await AuthoritySilo.StartAsync(settings, "Development");
        var token = await silo.Grain.IssueDevelopmentTokenAsync("alice", ["service"]);
        Assert.NotNull(token);
        Assert.Equal("allow service", await new BothSides(silo.Http, silo.Grain).AuthenticateAsync("alice", token));
        var answer = await silo.Grain.SignInAsync(new UserQuestion(null, token, null, LoginOptional: true));
        Assert.Equal("alice", answer.User);
        Assert.InRange(answer.ExpiresAt!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
    }

    [Fact]
    public async Task DevelopmentIssuer_BesideAConfiguredIssuer_IsOff()
    {
        var settings = TestIssuers.Settings;
        settings["Authority:Development:SigningKey"] = new string('k', 32);
        await using var silo = await AuthoritySilo.StartAsync(settings, "Development");
        Assert.Null(await silo.Grain.IssueDevelopmentTokenAsync("alice", []));
        var forged = new TestToken("alice", "admin")
        {
            Issuer = DevelopmentIssuerOptions.Name,
            Audience = DevelopmentIssuerOptions.Name,
            Credentials = new(new Microsoft.IdentityModel.Tokens.SymmetricSecurityKey(System.Text.Encoding.UTF8.GetBytes(new string('k', 32))), "HS256"),
        };
        Assert.Equal("deny", await new BothSides(silo.Http, silo.Grain).AuthenticateAsync("alice", forged.Text));
    }

    [Fact]
    public async Task Claims_OfOtherNames_AreReadWhereConfigured()
    {
        var settings = TestIssuers.Settings;
        settings["Authority:UserClaim"] = "user_id";
        settings["Authority:RolesClaim"] = "groups";
        await using var silo = await AuthoritySilo.StartAsync(settings);
        var token = new TestToken("ignored", "admin").With("user_id", 42).With("groups", (string[])["service"]);
        Assert.Equal("allow service", await new BothSides(silo.Http, silo.Grain).AuthenticateAsync("42", token.Text));
    }

    [Theory]
    [InlineData("amqp://guest:guest@127.0.0.1:5672/team%2Fa", "team/a")]
    [InlineData("amqp://guest:guest@127.0.0.1:5672/%2f", "/")]
    [InlineData("amqp://127.0.0.1", "/")]
    public async Task DefaultRules_HoldInTheVhostThatNotificationsComeFrom(string address, string vhost)
    {
        var settings = TestIssuers.Settings;
        settings["ConnectionStrings:RabbitMq"] = address;
        await using var silo = await AuthoritySilo.StartAsync(settings);
        var sides = new BothSides(silo.Http, silo.Grain);
        foreach (var asked in (string[])["/", "team/a", "other"])
        {
            Assert.Equal(asked == vhost, await sides.AuthorizeAsync(new VhostQuestion("alice", asked, null, [])));
            Assert.Equal(asked == vhost, await sides.AuthorizeAsync(new TopicQuestion("alice", asked, "notifications", Permission.Read, "user.alice", [])));
        }
    }
}

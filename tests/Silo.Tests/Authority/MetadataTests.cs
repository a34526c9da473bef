using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>An issuer that publishes its keys.</summary>
public class MetadataTests
{
    [Fact]
    public async Task Token_OfAnIssuerWithMetadata_IsJudgedByTheKeysItPublishes()
    {
        var key = new RsaSecurityKey(TestIssuers.Rsa) { KeyId = "one" };
        await using var issuer = await StartIssuerAsync(key);
        var address = issuer.Urls.Single();
        var settings = new Dictionary<string, string?>
        {
            ["Authority:Issuers:0:Issuer"] = address,
            ["Authority:Issuers:0:Audience"] = TestIssuers.Audience,
            ["Authority:Issuers:0:MetadataAddress"] = $"{address}/.well-known/openid-configuration",
        };
        await using var silo = await AuthoritySilo.StartAsync(settings);
        var sides = new BothSides(silo.Http, silo.Grain);
        var token = new TestToken("alice") { Issuer = address, Credentials = new(key, SecurityAlgorithms.RsaSha256) };
        Assert.Equal("allow", await sides.AuthenticateAsync("alice", token.Text));
        using var otherKey = RSA.Create(2048);
        var forged = token with { Credentials = new(new RsaSecurityKey(otherKey) { KeyId = "one" }, SecurityAlgorithms.RsaSha256) };
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", forged.Text));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", token.Unsigned("none")));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", (token with { Audience = "other" }).Text));

        // The issuer's outage does not touch tokens that are signed by keys already known.
        await issuer.StopAsync();
        Assert.Equal("allow", await sides.AuthenticateAsync("alice", token.Text));
    }

    [Fact]
    public async Task Token_OfAnIssuerThatCannotBeReached_IsRefused()
    {
        const string Address = "http://127.0.0.1:1";
        using var log = new CapturedLog();
        var settings = new Dictionary<string, string?>
        {
            ["Authority:Issuers:0:Issuer"] = Address,
            ["Authority:Issuers:0:Audience"] = TestIssuers.Audience,
            ["Authority:Issuers:0:MetadataAddress"] = $"{Address}/.well-known/openid-configuration",
        };
        await using var silo = await AuthoritySilo.StartAsync(settings, log: log);
        var token = new TestToken("alice") { Issuer = Address, Credentials = TestIssuers.RsCredentials };
        Assert.Equal("deny", await new BothSides(silo.Http, silo.Grain).AuthenticateAsync("alice", token.Text));
        Assert.Contains("The keys of an issuer cannot be fetched", log.Text, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartIssuerAsync(RsaSecurityKey key)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var publicKey = key.Rsa.ExportParameters(includePrivateParameters: false);
        var (n, e) = (Base64UrlEncoder.Encode(publicKey.Modulus), Base64UrlEncoder.Encode(publicKey.Exponent));
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = app.Urls.Single(), jwks_uri = $"{app.Urls.Single()}/keys" }));
        app.MapGet("/keys", () => Results.Json(new { keys = new[] { new { kty = "RSA", n, e, kid = key.KeyId, use = "sig" } } }));
        await app.StartAsync();
        return app;
    }
}

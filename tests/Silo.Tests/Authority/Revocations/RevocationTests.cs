using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Revocations;

/// <summary>Tokens that are not taken any more though they have not ended, and what of it outlives the silo.</summary>
public sealed class RevocationTests(AuthorityFixture fixture) : IClassFixture<AuthorityFixture>
{
    private AuthoritySilo Silo => fixture.Silo;

    private BothSides BothSides => fixture.BothSides;

    [Fact]
    public async Task User_Revoked_OldTokensAreRefused_NewOnesAreTaken()
    {
        var old = TestToken.IssuedIn(-10, "gone");
        var withoutTime = new TestToken("gone");
        await AllowedAsync(old);
        await AllowedAsync(TestToken.IssuedIn(-10, "stays"));

        Assert.Equal(HttpStatusCode.OK, (await Silo.RevokeAsync(new { user = "gone" })).StatusCode);

        await RefusedAsync(old);
        await RefusedAsync(withoutTime);
        Assert.False(await EntersAsync("gone"));
        Assert.True(await EntersAsync("stays"));
        await AllowedAsync(TestToken.IssuedIn(2, "gone"));
        Assert.True(await EntersAsync("gone"));
        await RefusedAsync(old);
    }

    [Fact]
    public async Task UserOfWhomNothingIsKnown_Revoked_IsDenied()
    {
        Assert.True(await EntersAsync("stranger"));
        await Silo.RevokeAsync(new { user = "stranger" });
        Assert.False(await EntersAsync("stranger"));
    }

    [Fact]
    public async Task TokenId_Revoked_OnlyThatTokenGoes_WithWhatItAloneGave()
    {
        var plain = new TestToken("both").With("jti", "plain-1");
        var service = new TestToken("both", "service").With("jti", "service-1");
        await AllowedAsync(plain);
        await AllowedAsync(service);
        var write = new TopicQuestion("both", "/", "notifications", Permission.Write, "user.bob", ["service"]);
        Assert.True(await BothSides.AuthorizeAsync(write));

        await Silo.RevokeAsync(new { tokenId = "service-1" });

        await RefusedAsync(service);
        await AllowedAsync(plain);
        Assert.False(await BothSides.AuthorizeAsync(write));
        Assert.True(await EntersAsync("both"));
    }

    [Fact]
    public async Task TokenWithoutId_IsRevokedByItsHash_WhateverItsSignature()
    {
        var text = new TestToken("hashed") { Issuer = TestIssuers.Es, Credentials = TestIssuers.EsCredentials }.Text;
        var flipped = WithOtherSignature(text);
        Assert.NotEqual(text, flipped);
        Assert.Equal("allow", await BothSides.AuthenticateAsync("hashed", text));
        Assert.Equal("allow", await BothSides.AuthenticateAsync("hashed", flipped));
        var (user, other) = (await SignInAsync("hashed", text), await SignInAsync("hashed", flipped));
        Assert.Equal(HashOf(text[..text.LastIndexOf('.')]), user.TokenId);
        Assert.Equal(user.TokenId, other.TokenId);

        await Silo.RevokeAsync(new { tokenId = user.TokenId });

        Assert.Equal("deny", await BothSides.AuthenticateAsync("hashed", text));
        Assert.Equal("deny", await BothSides.AuthenticateAsync("hashed", flipped));
        Assert.False(await EntersAsync("hashed"));
    }

    [Fact]
    public async Task TokenWithoutId_RevokedByTheHashOfAllItsText_AsOnce_IsRefused()
    {
        var text = new TestToken("hashed before").Text;
        Assert.Equal("allow", await BothSides.AuthenticateAsync("hashed before", text));
        Assert.Equal(HashOf(text), (await SignInAsync("hashed before", text)).TextId);

        await Silo.RevokeAsync(new { tokenId = HashOf(text) });

        Assert.Equal("deny", await BothSides.AuthenticateAsync("hashed before", text));
        Assert.False(await EntersAsync("hashed before"));
    }

    [Fact]
    public async Task Revocations_AreToldToEdges_InOrder()
    {
        await Silo.RevokeAsync(new { user = "told-1" });
        await Silo.RevokeAsync(new { tokenId = "told-2" });
        var page = await Silo.Grain.GetRevocationsAsync(0);
        Assert.Equal(page.Revocations.Select(revocation => revocation.Number).Order(), page.Revocations.Select(revocation => revocation.Number));
        var told = page.Revocations.Where(revocation => $"{revocation.User}{revocation.TokenId}".StartsWith("told-", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["told-1", "told-2"], told.Select(revocation => revocation.User ?? revocation.TokenId));
        Assert.Equal([told[1]], (await Silo.Grain.GetRevocationsAsync(told[0].Number)).Revocations.Where(revocation => revocation.TokenId == "told-2"));
        Assert.Empty((await Silo.Grain.GetRevocationsAsync(page.Last + 1000)).Revocations);
    }

    [Fact]
    public async Task Broker_WhoseAnswerMakesNoSense_IsToldToTheOperator_AndTheRevocationCounts()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var management = builder.Build();
        management.MapGet("/api/connections", () => "busy");
        await management.StartAsync();
        var settings = TestIssuers.Settings;
        settings["Authority:BrokerManagement"] = management.Urls.Single();
        await using var silo = await AuthoritySilo.StartAsync(settings);
        var token = TestToken.IssuedIn(0, "alice").With("jti", "a-1");

        using var reply = await silo.RevokeAsync(new { tokenId = "a-1" });

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Contains("\"brokerConnections\":\"failed\"", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("deny", await new BothSides(silo.Http, silo.Grain).AuthenticateAsync("alice", token.Text));
    }

    public static TheoryData<object> Faults =>
        new()
        {
            new { },
            new { user = "" },
            new { user = "a\nb" },
            new { tokenId = new string('x', 256) },
            new { tokenId = "a", issuedBefore = DateTimeOffset.UtcNow },
            new { issuedBefore = DateTimeOffset.UtcNow.AddMinutes(1) },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Request_WithAFault_RevokesNothing(object request)
    {
        var before = (await Silo.Grain.GetRevocationsAsync(0)).Last;
        Assert.Equal(HttpStatusCode.BadRequest, (await Silo.RevokeAsync(request)).StatusCode);
        Assert.Equal(before, (await Silo.Grain.GetRevocationsAsync(0)).Last);
    }

    [Fact]
    public async Task Request_WithoutTheRole_IsForbidden()
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await Silo.RevokeAsync(new { user = "x" }, new TestToken("somebody", "service"))).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await Silo.RevokeAsync(new { user = "x" }, new TestToken("operator", "admin") { Lifetime = TimeSpan.FromHours(-1) })).StatusCode
        );
    }

    [Fact]
    public async Task Silo_ThatStartsAgain_KnowsRevocations_AndWhenTokensEnd()
    {
        using var folder = new TemporaryFolder();
        var settings = TestIssuers.Settings;
        settings["Authority:Rules:0:Claim"] = "scope=log.read";
        settings["Authority:Rules:0:Resource"] = "queue";
        settings["Authority:Rules:0:Name"] = "log";
        settings["Authority:Rules:0:Permissions"] = "read";
        var revoked = TestToken.IssuedIn(0, "revoked").With("jti", "r-1");
        var ends = TestToken.IssuedIn(0, "ends") with { Lifetime = TimeSpan.FromSeconds(4) };
        var old = TestToken.IssuedIn(-100, "old");
        var read = new ResourceQuestion("reader", "/", ResourceKind.Queue, "log", Permission.Read, []);
        await using (var silo = await AuthoritySilo.StartAsync(settings, folder: folder))
        {
            var sides = new BothSides(silo.Http, silo.Grain);
            foreach (var token in new[] { revoked, ends, old, TestToken.IssuedIn(0, "reader").With("scope", "log.read") })
                Assert.Equal("allow", await sides.AuthenticateAsync(token.User, token.Text));
            await silo.RevokeAsync(new { tokenId = "r-1" });
            await silo.RevokeAsync(new { issuedBefore = DateTimeOffset.UtcNow.AddSeconds(-50) });
        }
        await using (var silo = await AuthoritySilo.StartAsync(settings, folder: folder))
        {
            var sides = new BothSides(silo.Http, silo.Grain);
            Assert.Equal("deny", await sides.AuthenticateAsync("revoked", revoked.Text));
            Assert.Equal("deny", await sides.AuthenticateAsync("old", old.Text));
            Assert.False(await sides.AuthorizeAsync(new VhostQuestion("revoked", "/", null, [])));
            await Wait.Until(async () => !await silo.Grain.AuthorizeAsync(new VhostQuestion("ends", "/", null, [])), "the token to end");
            // The claim is known though the token was not shown again.
            Assert.True(await sides.AuthorizeAsync(read));
        }
    }

    private Task<UserAnswer> SignInAsync(string user, string token) => Silo.Grain.SignInAsync(new UserQuestion(user, token, null, LoginOptional: false));

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    /// <summary>The same token with the other signature that ECDSA has for it: (r, n-s) is as good as (r, s).</summary>
    private static string WithOtherSignature(string token)
    {
        // Of P-256, whose order n this is.
        var order = BigInteger.Parse(
            "00FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
            NumberStyles.HexNumber,
            CultureInfo.InvariantCulture
        );
        var end = token.LastIndexOf('.') + 1;
        var signature = Base64Url.DecodeFromChars(token.AsSpan(end));
        var flipped = order - new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
        signature.AsSpan(32).Clear();
        var bytes = flipped.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(signature.AsSpan(64 - bytes.Length));
        return token[..end] + Base64Url.EncodeToString(signature);
    }

    private async Task AllowedAsync(TestToken token) =>
        Assert.StartsWith("allow", await BothSides.AuthenticateAsync(token.User, token.Text), StringComparison.Ordinal);

    private async Task RefusedAsync(TestToken token) => Assert.Equal("deny", await BothSides.AuthenticateAsync(token.User, token.Text));

    private Task<bool> EntersAsync(string user) => BothSides.AuthorizeAsync(new VhostQuestion(user, "/", "127.0.0.1", []));
}

using Microsoft.AspNetCore.Http;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

/// <summary>Opaque tokens, which their issuer is asked about.</summary>
public sealed class IntrospectionTests(IntrospectionFixture fixture) : IClassFixture<IntrospectionFixture>
{
    private IssuerServer Issuer => fixture.Issuer;

    [Fact]
    public async Task Token_ThatItsIssuerCallsActive_IsTaken_WithRolesScopesAndTimes()
    {
        var token = Issuer.Issue("c2VjcmV0+dG9rZW4/1=", "alice", "openid log.read", "service");
        Assert.Equal("allow service", await fixture.BothSides.AuthenticateAsync("alice", token));
        Assert.True(await fixture.BothSides.AuthorizeAsync(new ResourceQuestion("alice", "/", ResourceKind.Queue, "audit", Permission.Read, [])));
        Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync("bob", token));
        var answer = await fixture.Silo.Grain.SignInAsync(new UserQuestion(null, token, null, LoginOptional: true));
        Assert.Equal("alice", answer.User);
        Assert.InRange(answer.ExpiresAt!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(60));
        Assert.Single(Issuer.Asked, token);
        // Signed tokens are judged as ever, and shown to nobody.
        var signed = new TestToken("alice").Text;
        Assert.Equal("allow", await fixture.BothSides.AuthenticateAsync("alice", signed));
        Assert.DoesNotContain(signed, Issuer.Asked);
        Assert.DoesNotContain(token[..8], fixture.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(IssuerServer.ClientSecret, fixture.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_ThatItsIssuerDoesNotVouchFor_IsRefused()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (exp, aud) = (now + 3600, TestIssuers.Audience);
        var answers = new Dictionary<string, object>
        {
            ["inactive"] = new
            {
                active = false,
                sub = "alice",
                aud,
                exp,
            },
            ["active-as-text"] = new
            {
                active = "true",
                sub = "alice",
                aud,
                exp,
            },
            ["for-another"] = new
            {
                active = true,
                sub = "alice",
                aud = "other",
                exp,
            },
            ["for-nobody"] = new
            {
                active = true,
                sub = "alice",
                exp,
            },
            ["of-another-issuer"] = new
            {
                active = true,
                sub = "alice",
                aud,
                exp,
                iss = TestIssuers.Hs,
            },
            ["without-end"] = new
            {
                active = true,
                sub = "alice",
                aud,
            },
            ["ended"] = new
            {
                active = true,
                sub = "alice",
                aud,
                exp = now - 60,
            },
            ["not-yet"] = new
            {
                active = true,
                sub = "alice",
                aud,
                exp,
                nbf = now + 600,
            },
            ["without-user"] = new
            {
                active = true,
                aud,
                exp,
            },
            ["with-a-line-end"] = new
            {
                active = true,
                sub = "alice\r\nx:y",
                aud,
                exp,
            },
            ["no-object"] = new[] { 1 },
        };
        foreach (var (token, answer) in answers)
            Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync("alice", Issuer.Issue(token, answer)));
        Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync("alice", "unknown"));
        Assert.Equal(
            "allow",
            await fixture.BothSides.AuthenticateAsync(
                "alice",
                Issuer.Issue(
                    "good",
                    new
                    {
                        active = true,
                        sub = "alice",
                        aud,
                        exp,
                    }
                )
            )
        );
        Assert.Contains("A token was refused: no_expiry", fixture.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_OfAnotherIssuer_IsNotShownToThisOne()
    {
        var token = new TestToken("alice") { Issuer = "https://elsewhere.example" };
        Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync("alice", token.Text));
        Assert.DoesNotContain(token.Text, Issuer.Asked);
        // One that names this one is asked about, and its signature does not matter: it is the issuer's.
        var own = Issuer.Issue((token with { Issuer = Issuer.Address }).Text, "alice");
        Assert.Equal("allow", await fixture.BothSides.AuthenticateAsync("alice", own));
    }

    [Fact]
    public async Task Token_ShownByManyAtOnce_IsAskedAboutOnce()
    {
        var answering = new TaskCompletionSource();
        Issuer.Answering = answering.Task;
        var token = Issuer.Issue("shared", "alice");
        var question = new UserQuestion("alice", token, null, LoginOptional: false);
        var answers = Enumerable.Range(0, 50).Select(_ => fixture.Silo.Grain.SignInAsync(question)).ToArray();
        await Wait.Until(() => Issuer.Asked.Contains(token), "the issuer to be asked");
        answering.SetResult();
        Assert.All(await Task.WhenAll(answers), answer => Assert.True(answer.Allowed));
        Assert.Single(Issuer.Asked, token);
    }

    [Fact]
    public async Task Token_RevokedAtItsIssuer_SignsInNoMoreWhenTheAnswerIsOld()
    {
        var token = fixture.Forgetful.Issue("revoked-later", "alice");
        var question = new UserQuestion("alice", token, null, LoginOptional: false);
        Assert.True((await fixture.Silo.Grain.SignInAsync(question)).Allowed);
        fixture.Forgetful.Revoke(token);
        await Wait.Until(async () => !(await fixture.Silo.Grain.SignInAsync(question)).Allowed, "the token to be refused");
    }

    [Fact]
    public async Task Issuer_ThatIsOutOfOrder_VouchesForNobodyNew_AndIsAskedAgain()
    {
        var (known, next) = (Issuer.Issue("known", "alice"), Issuer.Issue("next", "bob"));
        Assert.Equal("allow", await fixture.BothSides.AuthenticateAsync("alice", known));
        foreach (
            var fault in new[]
            {
                Results.StatusCode(500),
                Results.Text("<html>"),
                Results.Unauthorized(),
                Results.Redirect("/keys"),
                Results.Text(new string(' ', 70_000)),
            }
        )
        {
            Issuer.Fault = fault;
            Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync("bob", next));
        }
        Assert.Contains("An issuer cannot be asked about a token", fixture.Log.Text, StringComparison.Ordinal);
        Assert.Equal("allow", await fixture.BothSides.AuthenticateAsync("carol", new TestToken("carol").Text));
        Issuer.Fault = null;
        Assert.Equal("allow", await fixture.BothSides.AuthenticateAsync("bob", next));
    }
}

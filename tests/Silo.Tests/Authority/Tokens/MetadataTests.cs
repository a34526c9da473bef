using Microsoft.AspNetCore.Http;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

/// <summary>Issuers that publish their keys.</summary>
public class MetadataTests
{
    [Fact]
    public async Task Token_OfAnIssuerWithMetadata_IsJudgedByTheKeysItPublishes()
    {
        var key = IssuerServer.NewKey("one");
        await using var issuer = await IssuerServer.StartAsync(key);
        await using var silo = await AuthoritySilo.StartAsync(IssuerServer.ByKeys(issuer));
        var sides = new BothSides(silo.Http, silo.Grain);
        var token = issuer.Token("alice", key);
        Assert.Equal("allow", await sides.AuthenticateAsync("alice", token.Text));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", issuer.Token("alice", IssuerServer.NewKey("one")).Text));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", token.Unsigned("none")));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", (token with { Audience = "other" }).Text));

        // The issuer's outage does not touch tokens that are signed by keys already known.
        await issuer.StopAsync();
        Assert.Equal("allow", await sides.AuthenticateAsync("alice", token.Text));
    }

    [Fact]
    public async Task Issuer_ThatIsOutOfOrder_TheLastGoodKeysStay()
    {
        Action<IssuerServer>[] faults =
        [
            issuer => issuer.Fault = Results.StatusCode(500),
            issuer => issuer.Fault = Results.Text("<html>"),
            issuer => issuer.Fault = Results.Json(new { issuer = issuer.Address }),
            issuer => issuer.Keys = [],
        ];
        var key = IssuerServer.NewKey("one");
        var issuers = await Task.WhenAll(faults.Select(_ => IssuerServer.StartAsync(key)));
        await using var silo = await AuthoritySilo.StartAsync(IssuerServer.ByKeys(issuers));
        var sides = new BothSides(silo.Http, silo.Grain);
        foreach (var (i, issuer) in issuers.Index())
        {
            var token = issuer.Token("alice", key).Text;
            Assert.Equal("allow", await sides.AuthenticateAsync("alice", token));
            var fetched = issuer.Fetched;
            faults[i](issuer);
            // An unknown key has the keys fetched again.
            Assert.Equal("deny", await sides.AuthenticateAsync("alice", issuer.Token("alice", IssuerServer.NewKey("two")).Text));
            await Wait.Until(() => issuer.Fetched > fetched, "the keys to be fetched again");
            Assert.Equal("allow", await sides.AuthenticateAsync("alice", token));
            await issuer.DisposeAsync();
        }
    }

    [Fact]
    public async Task Key_ThatTheIssuerHasPutInPlaceOfAnother_IsFetchedAtOnce_AndTheFormerCountsNoMore()
    {
        var (former, next) = (IssuerServer.NewKey("former"), IssuerServer.NewKey("next"));
        await using var issuer = await IssuerServer.StartAsync(former);
        await using var silo = await AuthoritySilo.StartAsync(IssuerServer.ByKeys(issuer));
        var sides = new BothSides(silo.Http, silo.Grain);
        Assert.Equal("allow", await sides.AuthenticateAsync("alice", issuer.Token("alice", former).Text));

        issuer.Keys = [next];
        Assert.Equal("allow", await sides.AuthenticateAsync("alice", issuer.Token("alice", next).Text));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", issuer.Token("alice", former).Text));

        // Whoever makes up keys does not have them fetched each time.
        var fetched = issuer.Fetched;
        for (var i = 0; i < 20; i++)
            Assert.Equal("deny", await sides.AuthenticateAsync("alice", issuer.Token("alice", former).Text));
        Assert.InRange(issuer.Fetched - fetched, 0, 20);
    }

    [Fact]
    public async Task Issuers_SeveralAtOnce_VouchForTheirOwnTokensOnly_AndGoOnWhenOneIsAway()
    {
        var (ofOne, ofTwo) = (IssuerServer.NewKey("key"), IssuerServer.NewKey("key"));
        await using var one = await IssuerServer.StartAsync(ofOne);
        await using var two = await IssuerServer.StartAsync(ofTwo);
        var settings = IssuerServer.ByKeys(one, two);
        // A third beside them, with a configured key.
        foreach (var (name, value) in TestIssuers.Settings.Where(setting => setting.Key.StartsWith("Authority:Issuers:0:", StringComparison.Ordinal)))
            settings[name.Replace(":0:", ":2:", StringComparison.Ordinal)] = value;
        await two.StopAsync();
        await using var silo = await AuthoritySilo.StartAsync(settings);
        var sides = new BothSides(silo.Http, silo.Grain);

        Assert.Equal("allow", await sides.AuthenticateAsync("alice", one.Token("alice", ofOne).Text));
        Assert.Equal("allow", await sides.AuthenticateAsync("alice", new TestToken("alice").Text));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", two.Token("alice", ofTwo).Text));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", one.Token("alice", ofTwo).Text));
        Assert.Equal("deny", await sides.AuthenticateAsync("alice", (one.Token("alice", ofOne) with { Issuer = TestIssuers.Hs }).Text));
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
        Assert.Contains("The keys of an issuer cannot be fetched from", log.Text, StringComparison.Ordinal);
    }
}

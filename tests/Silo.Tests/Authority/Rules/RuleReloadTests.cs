using System.Text.Json;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Rules;

/// <summary>Rules in a file that is changed while the silo runs.</summary>
public sealed class RuleReloadTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CapturedLog _log = new();
    private AuthoritySilo _silo = null!;
    private BothSides _sides = null!;

    public async Task InitializeAsync()
    {
        Write(Rule("queue", "jobs"));
        _silo = await AuthoritySilo.StartAsync(TestIssuers.Settings, log: _log, file: _folder.File("rules.json"));
        _sides = new BothSides(_silo.Http, _silo.Grain);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Rules_ThatAreChanged_AreInForce_AndAChangeWithFaultsIsToldAndChangesNothing()
    {
        Assert.Equal("allow", await _sides.AuthenticateAsync("alice", new TestToken("alice").Text));
        var first = await VersionAsync();
        Assert.True(await MayReadAsync("alice", "jobs"));
        Assert.False(await MayReadAsync("alice", "mail"));

        Write(Rule("queue", "mail"));
        await Wait.Until(() => MayReadAsync("alice", "mail"), "the changed rule to be in force");
        Assert.False(await MayReadAsync("alice", "jobs"));
        var second = await VersionAsync();
        Assert.NotEqual(first, second);

        Write(
            Rule("queue", "jobs"),
            Rule("kju", "mail"),
            new
            {
                Resource = "topic",
                Name = "{anybody}",
                Permissions = "read",
                Key = "#",
            }
        );
        await Wait.Until(() => _log.Text.Contains("the former rules stay in force", StringComparison.Ordinal), "the faults to be told");
        Assert.Contains("Authority:Rules:1:Resource: 'kju'", _log.Text, StringComparison.Ordinal);
        Assert.Contains("Authority:Rules:2:Name: '{anybody}'", _log.Text, StringComparison.Ordinal);
        Assert.Equal(second, await VersionAsync());
        Assert.True(await MayReadAsync("alice", "mail"));

        Write(Rule("queue", "jobs"));
        await Wait.Until(() => MayReadAsync("alice", "jobs"), "the rule to be in force again");
        Assert.Equal(first, await VersionAsync());
    }

    [Fact]
    public async Task Rules_ThatNameWhatATokenHadSaidBefore_HoldForIt()
    {
        var token = new TestToken("carol", "contractor").With("tenant", "t1").With("scope", "jobs.read");
        Assert.Equal("allow", await _sides.AuthenticateAsync("carol", token.Text));
        Assert.True(await MayReadAsync("carol", "jobs"));

        Write(
            Rule("queue", "jobs"),
            new
            {
                Resource = "queue",
                Name = "jobs",
                Permissions = "read",
                Role = "contractor",
                Effect = "Deny",
            },
            new
            {
                Resource = "queue",
                Name = "inbox-{claim:tenant}",
                Permissions = "read",
                Scope = "jobs.read",
            }
        );

        await Wait.Until(async () => !await MayReadAsync("carol", "jobs"), "the rule about her role to bite");
        Assert.True(await MayReadAsync("carol", "inbox-t1"));
        Assert.False(await MayReadAsync("carol", "inbox-t2"));
        // Whoever signs in now has the role as a tag.
        Assert.Equal("allow contractor", await _sides.AuthenticateAsync("carol", token.Text));
        Assert.False(await MayReadAsync("carol", "jobs"));
    }

    [Fact]
    public async Task Question_ThatNamesItsToken_IsAnsweredByWhatThatOneSays()
    {
        var scoped = new TestToken("dora").With("scope", "read:%2F/orders/eu.*").With("jti", "dora-scoped");
        var plain = new TestToken("dora").With("jti", "dora-plain");
        foreach (var token in new[] { scoped, plain })
            Assert.Equal("allow", await _sides.AuthenticateAsync("dora", token.Text));
        var question = new TopicQuestion("dora", "/", "orders", Permission.Read, "eu.*", []);
        Assert.True((await _silo.Grain.AuthorizeAsync(question with { TokenId = "dora-scoped" })).Key);
        Assert.False((await _silo.Grain.AuthorizeAsync(question with { TokenId = "dora-plain" })).Key);
        Assert.False((await _silo.Grain.AuthorizeAsync(question with { TokenId = "dora-scoped", RoutingKey = "#" })).Key);
        // The broker does not tell which one it is about.
        Assert.True(await _sides.AuthorizeAsync(question));
    }

    private static object Rule(string resource, string name) =>
        new
        {
            Resource = resource,
            Name = name,
            Permissions = "read",
        };

    private Task<bool> MayReadAsync(string user, string queue) =>
        _silo.Grain.AuthorizeAsync(new ResourceQuestion(user, "/", ResourceKind.Queue, queue, Permission.Read, []));

    private async Task<string> VersionAsync() => (await _silo.Grain.GetRevocationsAsync(0)).Rules;

    /// <summary>In one step, as operators' tools replace files.</summary>
    private void Write(params object[] rules)
    {
        var written = _folder.File("rules.json.new");
        File.WriteAllText(written, JsonSerializer.Serialize(new { Authority = new { Rules = rules } }));
        File.Move(written, _folder.File("rules.json"), overwrite: true);
    }
}

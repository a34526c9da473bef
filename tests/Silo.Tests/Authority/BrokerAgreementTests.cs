using System.Text;
using Microsoft.IdentityModel.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>What a real broker lets its clients do, what HTTP answers and what the grain answers: one table, and they agree on every row.</summary>
public sealed class BrokerAgreementTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>
{
    private static readonly string[] PlainUsers = ["alice", "bob", "a", "a.b", "*", "#", "a%2Eb", "%2F", "user"];

    [Theory]
    [InlineData("user")]
    [InlineData("tokenId")]
    [InlineData("tokenId alone")]
    public async Task Broker_OfATokenThatIsRevoked_ClosesItsConnections_AndRefusesIt(string by)
    {
        var (user, id) = ($"revoked {by}", $"id of {by}");
        var token = TestToken.IssuedIn(-5, user).With("jti", id);
        var untouched = $"untouched by {by}";
        await using var other = await fixture.ConnectAsync(untouched, TestToken.IssuedIn(-5, untouched).Text);
        // Without a user's name the broker's list is asked, which lags: it has just been made anew, and does not have the next connection for a while.
        if (by == "tokenId alone")
            await Wait.Until(
                async () => (await fixture.Broker.Management.Http.GetStringAsync("api/connections?columns=user")).Contains(untouched, StringComparison.Ordinal),
                "the connection in the broker's list"
            );
        await using var connection = await fixture.ConnectAsync(user, token.Text);
        // The client takes it for open before the broker has asked all that it asks.
        await using var channel = await connection.CreateChannelAsync();
        var closed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, reason) =>
        {
            closed.TrySetResult(reason.ReplyText);
            return Task.CompletedTask;
        };

        using var reply = await fixture.Silo.RevokeAsync(
            by switch
            {
                "user" => new { user },
                "tokenId" => new { user, tokenId = id },
                _ => (object)new { tokenId = id },
            }
        );

        Assert.Contains("\"closed\"", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("the token was revoked", await closed.Task.WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => fixture.ConnectAsync(user, token.Text));
        Assert.Equal("deny", await fixture.BothSides.AuthenticateAsync(user, token.Text));
        Assert.True(other.IsOpen);
    }

    [Theory]
    [InlineData("local", true)]
    [InlineData("remote", false)]
    [InlineData("remote local", true)]
    public async Task Broker_OfARoleWithAddresses_LetsItInFromThere(string roles, bool allowed)
    {
        var token = new TestToken("walker", roles.Split(' '));
        var tags = (await fixture.BothSides.AuthenticateAsync("walker", token.Text)).Split(' ')[1..];
        Assert.Equal(token.Roles.Order(), tags);
        Assert.Equal(allowed, await fixture.BothSides.AuthorizeAsync(new VhostQuestion("walker", "/", "127.0.0.1", tags)));
        Assert.Equal(allowed, await CanConnectAsync("walker", token.Text, "/"));
    }

    public static TheoryData<string, string> Tokens =>
        new()
        {
            { "good", "allow" },
            { "good rs", "allow" },
            { "good es", "allow" },
            { "service", "allow service" },
            { "expired", "deny" },
            { "not yet", "deny" },
            { "tampered", "deny" },
            { "other audience", "deny" },
            { "unknown issuer", "deny" },
            { "unsigned", "deny" },
            { "public key as secret", "deny" },
            { "key of another issuer", "deny" },
            { "other login", "deny" },
            { "empty", "deny" },
            { "garbage", "deny" },
        };

    /// <summary>User, roles, action, name, key, allowed.</summary>
    public static TheoryData<string, string, string, string, string, bool> Actions
    {
        get
        {
            var rows = new TheoryData<string, string, string, string, string, bool>();
            foreach (var user in PlainUsers)
            {
                var word = UserWord.Of(user);
                string[] patterns =
                [
                    "#",
                    $"*.{user}",
                    "user.*",
                    "user.#",
                    "user.bob",
                    $"user.#.{user}",
                    $"user.{user}.#",
                    $"user.{word}",
                    $"user.{word}.*.done",
                    "broadcast.#",
                    "topic.a.*",
                    "topics",
                ];
                foreach (var pattern in patterns.Distinct())
                {
                    rows.Add(user, "", "bind", BrokerFixture.Source, pattern, IsOwnOrShared(user, pattern));
                    rows.Add(user, "", "bind", "amq.topic", pattern, IsOwnOrShared(user, pattern));
                }
                rows.Add(user, "", "bind", "orders", $"user.{word}", false);
                rows.Add(user, "", "publish", BrokerFixture.Source, $"user.{word}", false);
                rows.Add(user, "", "publish", "amq.topic", "topic.a", false);
                rows.Add(user, "", "publish", "", "jobs", false);
                rows.Add(user, "", "declare queue", "stomp-subscription-x", "", false);
                rows.Add(user, "", "declare queue", $"inbox.{word}.more", "", true);
                rows.Add(user, "", "get", "jobs", "", false);
                rows.Add(user, "", "get", BrokerFixture.InboxOf(user), "", true);
                rows.Add(user, "", "declare exchange", "mine", "", false);
                if (user == "alice")
                    continue;
                rows.Add(user, "", "declare queue", "inbox.alice.more", "", false);
                rows.Add(user, "", "get", BrokerFixture.InboxOf("alice"), "", false);
            }
            foreach (var (user, role) in new[] { ("billing", "service"), ("root", "admin") })
            {
                rows.Add(user, role, "publish", BrokerFixture.Source, "user.alice", true);
                rows.Add(user, role, "publish", "", "jobs", true);
                rows.Add(user, role, "bind", BrokerFixture.Source, "#", true);
                rows.Add(user, role, "declare queue", $"work.{user}", "", true);
                rows.Add(user, role, "declare exchange", $"events.{user}", "", true);
                rows.Add(user, role, "get", "jobs", "", true);
            }
            foreach (var pattern in (string[])["new", "new.#", "new.private", ""])
                rows.Add("ann", "auditor", "bind", "orders", pattern, true);
            foreach (var pattern in (string[])["#", "*", "private", "private.#", "*.new"])
                rows.Add("ann", "auditor", "bind", "orders", pattern, false);
            rows.Add("ann", "auditor", "publish", "orders", "new", false);
            rows.Add("ann", "auditor", "bind", BrokerFixture.Source, "user.ann.#", true);
            rows.Add("mallory", "administrator", "publish", BrokerFixture.Source, "user.alice", false);
            rows.Add("mallory", "customer service", "publish", BrokerFixture.Source, "user.alice", false);
            return rows;
        }
    }

    public static TheoryData<string, string, string, bool> Vhosts =>
        new()
        {
            { "alice", "", "/", true },
            { "alice", "", "other", false },
            { "billing", "service", "/", true },
            { "billing", "service", "other", false },
            { "root", "admin", "other", false },
            { "*", "", "other", false },
        };

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task Token_AtBrokerHttpAndGrain_GetsOneAnswer(string kind, string expected)
    {
        var token = TextOf(kind);
        Assert.Equal(expected, await fixture.BothSides.AuthenticateAsync("alice", token));
        Assert.Equal(expected != "deny", await CanConnectAsync("alice", token, "/"));
    }

    [Theory]
    [MemberData(nameof(Vhosts))]
    public async Task Vhost_AtBrokerHttpAndGrain_GetsOneAnswer(string user, string role, string vhost, bool expected)
    {
        var token = TokenOf(user, role);
        var tags = TagsOf(await fixture.BothSides.AuthenticateAsync(user, token.Text));
        Assert.Equal(expected, await fixture.BothSides.AuthorizeAsync(new VhostQuestion(user, vhost, "127.0.0.1", tags)));
        var signedIn = await fixture.Silo.Grain.SignInAsync(new UserQuestion(user, token.Text, vhost, LoginOptional: true, "127.0.0.1"));
        Assert.Equal(expected, signedIn.MayEnter);
        Assert.Equal(expected, await CanConnectAsync(user, token.Text, vhost));
    }

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task Action_AtBrokerHttpAndGrain_GetsOneAnswer(string user, string role, string action, string name, string key, bool expected)
    {
        var token = TokenOf(user, role);
        var tags = TagsOf(await fixture.BothSides.AuthenticateAsync(user, token.Text));
        Assert.Equal(expected, await AreAllAllowedAsync(user, tags, action, name, key));
        await fixture.DeclareInboxAsync(user);
        Assert.Equal(expected, await CanAsync(await fixture.ConnectionOf(token), user, action, name, key));
    }

    [Fact]
    public async Task Broker_OfATokenThatHasEnded_RefusesWhatItHasNotAskedBefore()
    {
        var token = new TestToken("brief") { Lifetime = TimeSpan.FromSeconds(6) };
        await using var connection = await fixture.ConnectAsync("brief", token.Text);
        await fixture.DeclareInboxAsync("brief");
        Assert.True(await CanAsync(connection, "brief", "bind", BrokerFixture.Source, "user.brief.a"));
        await Wait.Until(async () => !await fixture.Silo.Grain.AuthorizeAsync(new VhostQuestion("brief", "/", null, [])), "brief to be denied after exp");
        Assert.False(await CanAsync(connection, "brief", "bind", BrokerFixture.Source, "user.brief.b"));
        Assert.False(await CanConnectAsync("brief", (token with { Lifetime = TimeSpan.FromSeconds(-30) }).Text, "/"));
    }

    /// <summary>The questions that the broker asks for an action (measured on 3.10.8), asked here one by one.</summary>
    private async Task<bool> AreAllAllowedAsync(string user, string[] tags, string action, string name, string key)
    {
        var exchange = name.Length == 0 ? "amq.default" : name;
        var allowed = action switch
        {
            "publish" => await ResourceAsync(ResourceKind.Exchange, exchange, Permission.Write) && (name.Length == 0 || await TopicAsync(Permission.Write)),
            "bind" => await ResourceAsync(ResourceKind.Queue, BrokerFixture.InboxOf(user), Permission.Write)
                && await ResourceAsync(ResourceKind.Exchange, exchange, Permission.Read)
                && await TopicAsync(Permission.Read),
            "declare queue" => await ResourceAsync(ResourceKind.Queue, name, Permission.Configure),
            "declare exchange" => await ResourceAsync(ResourceKind.Exchange, name, Permission.Configure),
            "get" => await ResourceAsync(ResourceKind.Queue, name, Permission.Read),
            _ => throw new ArgumentOutOfRangeException(nameof(action)),
        };
        return allowed;

        Task<bool> ResourceAsync(ResourceKind kind, string of, Permission permission) =>
            fixture.BothSides.AuthorizeAsync(new ResourceQuestion(user, "/", kind, of, permission, tags));

        Task<bool> TopicAsync(Permission permission) => fixture.BothSides.AuthorizeAsync(new TopicQuestion(user, "/", name, permission, key, tags));
    }

    private static async Task<bool> CanAsync(IConnection connection, string user, string action, string name, string key)
    {
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        try
        {
            await (
                action switch
                {
                    "publish" => channel.BasicPublishAsync(name, key, mandatory: false, body: "x"u8.ToArray()).AsTask(),
                    "bind" => channel.QueueBindAsync(BrokerFixture.InboxOf(user), name, key),
                    "declare queue" => channel.QueueDeclareAsync(name, durable: false, exclusive: false, autoDelete: false),
                    "declare exchange" => channel.ExchangeDeclareAsync(name, ExchangeType.Topic),
                    "get" => channel.BasicGetAsync(name, autoAck: true),
                    _ => throw new ArgumentOutOfRangeException(nameof(action)),
                }
            );
            return true;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.AccessRefused)
        {
            return false;
        }
    }

    private async Task<bool> CanConnectAsync(string user, string password, string vhost)
    {
        try
        {
            // Of a refused vhost the client tells only when the connection is used.
            await using var connection = await fixture.ConnectAsync(user, password, vhost);
            await using var channel = await connection.CreateChannelAsync();
            return true;
        }
        catch (Exception exception)
            when (exception is BrokerUnreachableException or OperationInterruptedException { ShutdownReason.ReplyCode: Constants.NotAllowed })
        {
            return false;
        }
    }

    /// <summary>Without the rules' engine: a pattern is allowed to a user if it begins with the user's own words or a shared one.</summary>
    private static bool IsOwnOrShared(string user, string pattern)
    {
        var words = pattern.Split('.');
        var own = user.Replace("%2E", "%252E", StringComparison.Ordinal).Replace(".", "%2E", StringComparison.Ordinal);
        own = own.Replace("*", "%2A", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal);
        return words is ["broadcast", ..] or ["topic", ..] || (words is ["user", var second, ..] && second == own);
    }

    private static TestToken TokenOf(string user, string role) => role.Length > 0 ? new TestToken(user, role) : new TestToken(user);

    private static string[] TagsOf(string answer) => answer.Split(' ')[1..];

    private static string TextOf(string kind)
    {
        var alice = new TestToken("alice");
        var ofRs = alice with { Issuer = TestIssuers.Rs, Credentials = TestIssuers.RsCredentials };
        var publicKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(TestIssuers.Rsa.ExportSubjectPublicKeyInfoPem()));
        return kind switch
        {
            "good" => alice.Text,
            "good rs" => ofRs.Text,
            "good es" => (alice with { Issuer = TestIssuers.Es, Credentials = TestIssuers.EsCredentials }).Text,
            "service" => (alice with { Roles = ["service"] }).Text,
            "expired" => (alice with { Lifetime = TimeSpan.FromMinutes(-1) }).Text,
            "not yet" => (alice with { NotBefore = TimeSpan.FromMinutes(1) }).Text,
            "tampered" => alice.WithPayloadOf(alice with { Roles = ["admin"] }),
            "other audience" => (alice with { Audience = "other" }).Text,
            "unknown issuer" => (alice with { Issuer = "https://other.example" }).Text,
            "unsigned" => alice.Unsigned("none"),
            "public key as secret" => (ofRs with { Credentials = new(publicKey, SecurityAlgorithms.HmacSha256) }).Text,
            "key of another issuer" => (ofRs with { Credentials = TestIssuers.HsCredentials }).Text,
            "other login" => new TestToken("bob").Text,
            "empty" => "",
            "garbage" => "guest",
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }
}

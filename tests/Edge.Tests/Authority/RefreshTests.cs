using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Authority;

/// <summary>A session takes a new token, or lives to see other rules, and goes on.</summary>
public sealed class RefreshTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    private Uri Address => fixture.Edge.StompAddress;

    [Fact]
    public async Task Token_OfTheSameUser_TheSessionGoesOnUntilTheNewEnd()
    {
        var (end, newEnd) = (DateTimeOffset.UtcNow.AddSeconds(4), DateTimeOffset.UtcNow.AddSeconds(8));
        AnswerFor("renewer", question => new UserAnswer(true, "renewer", [], question.Password == "token-renewer" ? end : newEnd));
        await using var client = await WireClient.ConnectAsync(Address, "renewer");
        await client.SubscribeAsync("/topic/topic.kept");

        await client.AskAsync("SEND\ndestination:/notify/token", "newer\n");
        // It is there still.
        await client.AskAsync("UNSUBSCRIBE\nid:1");

        Assert.Equal("The credential used to authenticate this connection has expired\n", (await client.ErrorAsync("Credential expired")).Body);
        Assert.True(DateTimeOffset.UtcNow >= newEnd, "ended before its token");
        await client.ClosedAsync(4401);
    }

    [Fact]
    public async Task Token_ThatEndsSooner_EndsTheSessionSooner()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(4);
        AnswerFor("shortener", question => new UserAnswer(true, "shortener", [], question.Password == "shorter" ? end : null));
        await using var client = await WireClient.ConnectAsync(Address, "shortener");
        await client.AskAsync("SEND\ndestination:/notify/token", "shorter");
        await client.ErrorAsync("Credential expired");
        Assert.True(DateTimeOffset.UtcNow >= end, "ended before its token");
    }

    [Fact]
    public async Task Refusal_WhenTheTokenEnds_SaysThatItHas_AndSubscriptionsWaitForTheNextOne()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(4);
        AnswerFor("late", question => new UserAnswer(true, "late", [], end));
        await using var client = await WireClient.ConnectAsync(Address, "late");
        await client.SubscribeAsync("/topic/topic.waits");
        // By a silo whose clock is ahead it has ended; by the edge's it has not.
        await Wait.Until(() => DateTimeOffset.UtcNow >= end.AddSeconds(-0.8), "the end of the token to be near");

        await client.SendAsync("SUBSCRIBE\nid:2\ndestination:/topic/refused\n\n\0");

        await client.ErrorAsync("Credential expired");
        await client.ClosedAsync(4401);
        await Wait.Until(() => fixture.Silo.LostTopics.Any(topic => topic.User == "late"), "the subscription to be kept");
    }

    [Fact]
    public async Task Refusal_LongBeforeTheTokenEnds_IsOne()
    {
        AnswerFor("early", question => new UserAnswer(true, "early", [], DateTimeOffset.UtcNow.AddHours(1)));
        await using var client = await WireClient.ConnectAsync(Address, "early");
        await client.SendAsync("SUBSCRIBE\nid:1\ndestination:/topic/refused\n\n\0");
        await client.ErrorAsync("access_refused");
        await client.ClosedAsync(4403);
    }

    [Fact]
    public async Task Token_ThatWasRevokedMeanwhile_DoesNotMatterAnyMore()
    {
        AnswerFor("careful", question => new UserAnswer(true, "careful", [], null, question.Password == "second" ? "id-2" : "id-1", DateTimeOffset.UtcNow));
        await using var client = await WireClient.ConnectAsync(Address, "careful");
        await using var other = await WireClient.ConnectAsync(Address, "careful");
        await client.AskAsync("SEND\ndestination:/notify/token", "second");
        fixture.Silo.Revocations.Enqueue(new Revocation(fixture.Silo.Revocations.Count + 1, null, "id-1", null));
        await other.ErrorAsync("Credential revoked");
        await client.AskAsync("BEGIN\ntransaction:t");
    }

    [Theory]
    [InlineData("alice", "token-bob", "Bad token", "The new token was refused\n")]
    [InlineData("alice", "", "Bad token", "The new token was refused\n")]
    [InlineData("alice", "nonsense", "Bad token", "The new token was refused\n")]
    public async Task Token_ThatIsNotGood_EndsTheSession(string user, string token, string message, string body)
    {
        await using var client = await WireClient.ConnectAsync(Address, user);
        await client.SendAsync($"SEND\ndestination:/notify/token\nreceipt:r\n\n{token}\0");
        var error = await client.ErrorAsync(message);
        Assert.Equal((body, "r"), (error.Body, error["receipt-id"]));
        await client.ClosedAsync(4401);
    }

    [Fact]
    public async Task Token_ThatAllowsLess_EndsTheSubscriptionsThatItDoesNotAllow_AndTheSessionGoesOn()
    {
        AnswerFor("worker", question => new UserAnswer(true, "worker", question.Password == "less" ? ["b"] : ["a", "b"], null));
        Refuse(question => question.Username == "worker" && question.Name == "amq.topic" && !question.Tags.Contains("a"));
        await using var client = await WireClient.ConnectAsync(Address, "worker");
        await client.SubscribeAsync("/topic/topic.of-a", id: "gone");
        await client.SubscribeAsync("/exchange/notifications/user.worker.#", id: "kept");

        await client.SendAsync("SEND\ndestination:/notify/token\nreceipt:r\n\nless\0");

        var error = await client.ErrorAsync("access_refused");
        Assert.Equal("gone", error["subscription"]);
        Assert.Equal("ACCESS_REFUSED - access to exchange 'amq.topic' in vhost '/' refused for user 'worker'\n", error.Body);
        Assert.Equal("r", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        await client.AskAsync("UNSUBSCRIBE\nid:kept");
        await client.SendAsync("UNSUBSCRIBE\nid:gone\n\n\0");
        await client.ErrorAsync("No subscription found");
    }

    [Fact]
    public async Task Token_InATransaction_IsRefused_AndChangesNothing()
    {
        await using var client = await WireClient.ConnectAsync(Address, "alice");
        await client.SendAsync("SEND\ndestination:/notify/token\ntransaction:t\n\ntoken-alice\0");
        await client.ErrorAsync("Invalid header");
        await client.AskAsync("BEGIN\ntransaction:t");
    }

    [Fact]
    public async Task Rules_ThatHaveChanged_EndWhatTheyDoNotAllow_AndNothingElse()
    {
        await using var client = await WireClient.ConnectAsync(Address, "reviewed");
        await using var outcast = await WireClient.ConnectAsync(Address, "outcast");
        await using var other = await WireClient.ConnectAsync(Address, "other");
        await client.SubscribeAsync("/topic/topic.withdrawn", id: "gone");
        await client.SubscribeAsync("/exchange/notifications/user.reviewed.#", id: "kept");
        await other.SubscribeAsync("/topic/topic.kept", id: "kept");
        var (enters, doubts) = (fixture.Silo.AuthorizeVhost, 0);
        fixture.Silo.AuthorizeVhost = question => question.Username != "outcast" && enters(question);
        Refuse(question =>
            question.Name == "amq.topic"
            && question.Username switch
            {
                "reviewed" => true,
                // Once, as by a silo that cannot ask another.
                "other" => Interlocked.Increment(ref doubts) == 1,
                _ => false,
            }
        );

        fixture.Silo.Rules = "second";

        Assert.Equal("gone", (await client.ErrorAsync("access_refused"))["subscription"]);
        Assert.Equal("ACCESS_REFUSED - access to vhost '/' refused for user 'outcast'\n", (await outcast.ErrorAsync("access_refused")).Body);
        await outcast.ClosedAsync(4403);
        await client.AskAsync("UNSUBSCRIBE\nid:kept");
        await Wait.Until(() => Volatile.Read(ref doubts) > 1, "the subscription that was refused once to be asked for again");
        await other.AskAsync("UNSUBSCRIBE\nid:kept");
    }

    [Fact]
    public async Task Rules_ThatHaveChangedBehindTheAnswerToASignIn_EndTheSessionThatTheyDoNotLetIn()
    {
        var (answered, overtaken) = (new TaskCompletionSource(), new TaskCompletionSource());
        fixture.Silo.HoldSignIn = question =>
        {
            if (question.Username != "newcomer")
                return Task.CompletedTask;
            answered.TrySetResult();
            return overtaken.Task;
        };
        var enters = fixture.Silo.AuthorizeVhost;
        fixture.Silo.AuthorizeVhost = question => (question.Username != "newcomer" || !overtaken.Task.IsCompleted) && enters(question);
        var connecting = WireClient.ConnectAsync(Address, "newcomer");
        await answered.Task.WaitAsync(TimeSpan.FromSeconds(60));
        fixture.Silo.Rules = "third";
        await fixture.Edge.Process.WaitForOutputAsync("by the rules that are in force now: third");

        overtaken.SetResult();
        await using var client = await connecting;

        Assert.Equal("ACCESS_REFUSED - access to vhost '/' refused for user 'newcomer'\n", (await client.ErrorAsync("access_refused")).Body);
        await client.ClosedAsync(4403);
    }

    [Fact]
    public async Task Rules_ThatForbidASubscriptionWhichWaitsForItsShard_EndItAlone()
    {
        var isForbidden = false;
        Refuse(question => question.Username == "beginner" && Volatile.Read(ref isForbidden));
        await using var client = await WireClient.ConnectAsync(Address, "beginner");
        fixture.Silo.RefusesToRegister = true;
        try
        {
            await client.SendAsync("SUBSCRIBE\nid:1\ndestination:/exchange/notifications/user.beginner.#\n\n\0");
            await Wait.Until(async () => await fixture.Edge.MetricAsync("notifyorleans_edge_links_failures_total", "register") > 0, "the shard to be asked");

            Volatile.Write(ref isForbidden, true);
            fixture.Silo.Rules = "fourth";

            Assert.Equal("1", (await client.ErrorAsync("access_refused"))["subscription"]);
            await client.AskAsync("BEGIN\ntransaction:goes-on");
        }
        finally
        {
            fixture.Silo.RefusesToRegister = false;
        }
    }

    /// <summary>The silo is shared: others' questions are answered as before.</summary>
    private void AnswerFor(string user, Func<UserQuestion, UserAnswer> answer)
    {
        var asked = fixture.Silo.Authenticate;
        fixture.Silo.Authenticate = question => question.Username == user ? answer(question) : asked(question);
    }

    private void Refuse(Func<ResourceQuestion, bool> refused)
    {
        var allows = fixture.Silo.AuthorizeResource;
        fixture.Silo.AuthorizeResource = question => !refused(question) && allows(question);
    }
}

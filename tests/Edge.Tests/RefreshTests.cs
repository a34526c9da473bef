using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Edge.Tests;

/// <summary>A session takes a new token, and goes on.</summary>
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
    [InlineData("worker", "less", "Bad token", "The new token has not all roles of the former one; connect again with it\n")]
    public async Task Token_ThatIsNotGood_EndsTheSession(string user, string token, string message, string body)
    {
        AnswerFor("worker", question => new UserAnswer(true, "worker", question.Password == "less" ? ["b"] : ["a", "b"], null));
        await using var client = await WireClient.ConnectAsync(Address, user);
        await client.SendAsync($"SEND\ndestination:/notify/token\nreceipt:r\n\n{token}\0");
        var error = await client.ErrorAsync(message);
        Assert.Equal((body, "r"), (error.Body, error["receipt-id"]));
        await client.ClosedAsync(4401);
    }

    [Fact]
    public async Task Token_InATransaction_IsRefused_AndChangesNothing()
    {
        await using var client = await WireClient.ConnectAsync(Address, "alice");
        await client.SendAsync("SEND\ndestination:/notify/token\ntransaction:t\n\ntoken-alice\0");
        await client.ErrorAsync("Invalid header");
        await client.AskAsync("BEGIN\ntransaction:t");
    }

    /// <summary>The silo is shared: others' questions are answered as before.</summary>
    private void AnswerFor(string user, Func<UserQuestion, UserAnswer> answer)
    {
        var asked = fixture.Silo.Authenticate;
        fixture.Silo.Authenticate = question => question.Username == user ? answer(question) : asked(question);
    }
}

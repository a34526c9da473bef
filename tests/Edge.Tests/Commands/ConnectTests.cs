using System.Net;
using System.Net.WebSockets;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Commands;

/// <summary>From the opened socket to CONNECTED, or not.</summary>
public sealed class ConnectTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    private Uri Address => fixture.Edge.StompAddress;

    [Fact]
    public async Task Connect_WithGoodToken_AnswersAsTheReference()
    {
        await using var client = await WireClient.OpenAsync(Address);
        await client.SendAsync("CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\nlogin:alice\npasscode:token-alice\nheart-beat:500,20000\n\n\0");
        var connected = await client.FrameAsync("CONNECTED");
        Assert.Equal("server session heart-beat version", connected.Names);
        Assert.Equal("20000,1000", connected["heart-beat"]);
        Assert.Equal("1.2", connected["version"]);
        Assert.Matches("^session-[A-Za-z0-9_-]{22}$", connected["session"]);
        Assert.Matches("^NotifyOrleans/[0-9.]+$", connected["server"]);
        Assert.True(connected.IsText);
    }

    [Theory]
    [InlineData("1.0,1.1", "1.1")]
    [InlineData("1.1,1.3,2.0", "1.1")]
    [InlineData("1.0", "1.0")]
    public async Task Connect_WithVersions_GetsTheHighestInCommon(string offered, string version)
    {
        await using var client = await WireClient.OpenAsync(Address);
        await client.SendAsync($"STOMP\naccept-version:{offered}\nlogin:alice\npasscode:token-alice\n\n\0");
        Assert.Equal(version, (await client.FrameAsync("CONNECTED"))["version"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("host:/\n")]
    [InlineData("host:localhost\n")]
    [InlineData("host:127.0.0.1\n")]
    [InlineData("host:10.1.2.3\n")]
    [InlineData("host:\\c\\c1\n")]
    [InlineData("host:[2001\\cdb8\\c\\c1]\n")]
    public async Task Connect_WithHostThatNamesNoVhost_EntersTheDefaultVhost(string host)
    {
        await using var client = await WireClient.OpenAsync(Address);
        await client.SendAsync($"CONNECT\naccept-version:1.2\n{host}login:alice\npasscode:token-alice\n\n\0");
        await client.FrameAsync("CONNECTED");
    }

    [Fact]
    public async Task Connect_WithoutLogin_TakesTheUserOfTheToken()
    {
        await using var client = await WireClient.OpenAsync(Address);
        await client.SendAsync("CONNECT\naccept-version:1.2\npasscode:token-without-login\n\n\0");
        await client.FrameAsync("CONNECTED");
        var question = fixture.Silo.VhostQuestions.Single(question => question.Username == "without-login");
        Assert.Equal(("/", "127.0.0.1"), (question.Vhost, question.Ip));
    }

    [Fact]
    public async Task Token_InTheAddress_DoesNotCountByDefault()
    {
        await using var client = await WireClient.OpenAsync(new Uri($"{Address}?access_token=token-alice"));
        await client.SendAsync("CONNECT\naccept-version:1.2\n\n\0");
        await client.ErrorAsync("Bad CONNECT");
        await client.ClosedAsync(4401);
    }

    public static TheoryData<string, string, string, int> Refused =>
        new()
        {
            { "CONNECT\naccept-version:9.9\nlogin:alice\npasscode:token-alice\n\n\0", "Version mismatch", "Supported versions are 1.0,1.1,1.2\n", 1002 },
            { "CONNECT\naccept-version:1.2\nlogin:alice\npasscode:wrong\n\n\0", "Bad CONNECT", "Access refused for user 'alice'\n", 4401 },
            { "CONNECT\naccept-version:1.2\nlogin:alice\n\n\0", "Bad CONNECT", "Missing login or passcode header(s)\n", 4401 },
            { "CONNECT\naccept-version:1.2\nhost:zz\nlogin:alice\npasscode:token-alice\n\n\0", "Bad CONNECT", "Virtual host 'zz' access denied", 4401 },
            { "CONNECT\naccept-version:1.2\nhost:42\nlogin:alice\npasscode:token-alice\n\n\0", "Bad CONNECT", "Virtual host '42' access denied", 4401 },
            { "CONNECT\naccept-version:1.2\nhost:0x7f\nlogin:alice\npasscode:token-alice\n\n\0", "Bad CONNECT", "Virtual host '0x7f' access denied", 4401 },
            { "CONNECT\naccept-version:1.2\nhost:10.1\nlogin:alice\npasscode:token-alice\n\n\0", "Bad CONNECT", "Virtual host '10.1' access denied", 4401 },
            {
                "CONNECT\naccept-version:1.2\nhost:010.1.2.3\nlogin:alice\npasscode:token-alice\n\n\0",
                "Bad CONNECT",
                "Virtual host '010.1.2.3' access denied",
                4401
            },
            { "CONNECT\naccept-version:1.2\nlogin:alice\npasscode:token-alice\nheart-beat:abc\n\n\0", "Processing error", "Processing error", 1002 },
            { "SUBSCRIBE\nid:1\ndestination:/topic/x\n\n\0", "Illegal command", "You must log in using CONNECT first", 1002 },
            { "NONSENSE\n\n\0", "Illegal command", "You must log in using CONNECT first", 1002 },
            { "CONNECT\nno-colon\n\n\0", "Malformed frame", "A header line must have a colon\n", 1002 },
            { "CONNECT\na:b\\tc\n\n\0", "Malformed frame", "Undefined escape sequence in a header\n", 1002 },
            { $"CONNECT\nx:{new string('p', 20_000)}\n\n\0", "Header line too long", "At most 16384 bytes are accepted\n", 1009 },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Frame_ThatIsRefusedBeforeLogin_GetsItsErrorThenItsCloseCode(string frame, string message, string body, int code)
    {
        await using var client = await WireClient.OpenAsync(Address);
        await client.SendAsync(frame);
        var error = await client.ErrorAsync(message);
        Assert.Equal(body, error.Body);
        Assert.Equal("1.0,1.1,1.2", error["version"]);
        await client.ClosedAsync(code);
    }

    [Fact]
    public async Task Frame_OverTheLimitBeforeLogin_IsRefused()
    {
        await using var client = await WireClient.OpenAsync(Address);
        for (var i = 0; i < 5; i++)
            await client.SendAsync($"{(i == 0 ? "CONNECT\n" : "")}x{i}:{new string('p', 14_000)}\n");
        Assert.Equal("At most 65536 bytes are accepted\n", (await client.ErrorAsync("Frame too large")).Body);
        await client.ClosedAsync(1009);
    }

    [Fact]
    public async Task Connect_WhenLoggedInAlready_IsRefused()
    {
        await using var client = await WireClient.ConnectAsync(Address, "alice");
        await client.SendAsync("CONNECT\naccept-version:1.2\nlogin:alice\npasscode:token-alice\n\n\0");
        await client.ErrorAsync("Illegal command");
        await client.ClosedAsync(1002);
    }

    [Fact]
    public async Task NoConnect_WithinTheTimeout_IsClosedWhateverHeartBeatsCome()
    {
        await using var client = await WireClient.OpenAsync(Address);
        var closed = client.ErrorAsync("Login timeout");
        try
        {
            while (!closed.IsCompleted)
            {
                await client.SendAsync("\n");
                await Task.WhenAny(closed, Task.Delay(200));
            }
        }
        catch (WebSocketException)
        {
            // It was closed while a heart-beat was on its way.
        }
        await closed;
        await client.ClosedAsync(4408);
    }

    [Fact]
    public async Task Session_WhoseTokenEnds_EndsWithAnError()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(4);
        var asked = fixture.Silo.Authenticate;
        fixture.Silo.Authenticate = question => question.Username == "mayfly" ? new UserAnswer(true, "mayfly", [], end) : asked(question);
        await using var client = await WireClient.ConnectAsync(Address, "mayfly");
        var error = await client.ErrorAsync("Credential expired");
        Assert.True(DateTimeOffset.UtcNow >= end, "ended before its token");
        Assert.Equal("The credential used to authenticate this connection has expired\n", error.Body);
        await client.ClosedAsync(4401);
    }

    [Fact]
    public async Task Session_WhoseTokenIsRevoked_EndsWithAnError_AndCannotBegin()
    {
        await using var client = await WireClient.ConnectAsync(Address, "rogue");
        await using var other = await WireClient.ConnectAsync(Address, "alice");

        fixture.Silo.Revocations.Enqueue(new Revocation(fixture.Silo.Revocations.Count + 1, "rogue", null, DateTimeOffset.UtcNow));

        var error = await client.ErrorAsync("Credential revoked");
        Assert.Equal("The credential used to authenticate this connection has been revoked\n", error.Body);
        await client.ClosedAsync(4401);
        await other.AskAsync("BEGIN\ntransaction:t");
        // Also while the silo that is asked does not know of it yet.
        await using var again = await WireClient.OpenAsync(Address);
        await again.SendAsync("CONNECT\naccept-version:1.2\nlogin:rogue\npasscode:token-rogue\n\n\0");
        await again.FrameAsync("CONNECTED");
        await again.ErrorAsync("Credential revoked");
        await again.ClosedAsync(4401);
    }

    [Theory]
    [InlineData("v10.stomp,v11.stomp,v12.stomp", "v12.stomp")]
    [InlineData("v11.stomp,v10.stomp", "v11.stomp")]
    public async Task Subprotocol_IsTheHighestThatIsOffered(string offered, string chosen)
    {
        await using var client = await WireClient.OpenAsync(Address, offered.Split(','));
        Assert.Equal(chosen, client.Subprotocol);
    }

    [Fact]
    public async Task Subprotocol_WhenNoneIsOffered_IsNone()
    {
        await using var client = await WireClient.OpenAsync(Address, []);
        Assert.Null(client.Subprotocol);
    }

    [Fact]
    public async Task Request_ThatIsNoWebSocket_IsRefused()
    {
        Assert.Equal(HttpStatusCode.BadRequest, await fixture.Edge.StatusOfAsync("/ws"));
        Assert.Equal(HttpStatusCode.NotFound, await fixture.Edge.StatusOfAsync("/other"));
    }

    [Fact]
    public async Task Frames_InAnyPieces_AreUnderstood()
    {
        await using var client = await WireClient.OpenAsync(Address);
        foreach (var octet in "\n\r\nCONNECT\r\naccept-version:1.2\r\nlogin:alice\r\npasscode:token-alice\r\n\r\n\0"u8.ToArray())
            await client.SendAsync([octet]);
        await client.FrameAsync("CONNECTED");
        await client.SendAsync("BEGIN\ntransaction:a\nreceipt:1\n\n\0\n\nBEGIN\ntransaction:b\nreceipt:2\n\n\0ABORT\ntransaction:a\nrece");
        await client.SendAsync("ipt:3\n\n\0");
        for (var receipt = 1; receipt <= 3; receipt++)
            Assert.Equal($"{receipt}", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
    }

    [Fact]
    public async Task TextMessage_ThatIsNotUtf8_IsClosedWith1007()
    {
        await using var client = await WireClient.OpenAsync(Address);
        await client.SendAsync([0x43, 0xff, 0xfe], WebSocketMessageType.Text);
        await client.ClosedAsync(1007);
    }

    [Fact]
    public async Task Disconnect_WithReceipt_GetsItThenTheClose()
    {
        await using var client = await WireClient.ConnectAsync(Address, "alice");
        await client.SendAsync("DISCONNECT\nreceipt:bye\n\n\0SUBSCRIBE\ndestination:/nope\n\n\0");
        Assert.Equal("bye", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        await client.ClosedAsync(1000);
    }

    [Theory]
    [InlineData(1000, "client_closed")]
    [InlineData(1001, "client_went_away")]
    [InlineData(4000, "client_went_away")]
    public async Task Client_ThatCloses_IsAnsweredWithItsCode_WhichSaysWhetherItWantedToGo(int code, string reason)
    {
        var before = await ClosedAsync(reason);
        await using var client = await WireClient.ConnectAsync(Address, "alice");
        await client.CloseAsync(code);
        await client.ClosedAsync(code);
        await Wait.Until(async () => await ClosedAsync(reason) > before, $"{reason} in the metrics");
    }

    [Fact]
    public async Task Client_ThatIsLost_WasNotClosed()
    {
        var before = await ClosedAsync("connection_lost");
        await using var client = await WireClient.ConnectAsync(Address, "alice");
        client.Abort();
        await Wait.Until(async () => await ClosedAsync("connection_lost") > before, "connection_lost in the metrics");
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x81 })]
    [InlineData(new byte[] { 0x81, 0x85, 1, 2, 3, 4, 5 })]
    public async Task Client_ThatEndsWithoutAClose_IsLost_WhereverInAFrame(byte[] unfinished)
    {
        var before = await ClosedAsync("connection_lost");
        await using var client = await RawClient.ConnectAsync(Address, "alice");
        await client.EndAsync(unfinished);
        await Wait.Until(async () => await ClosedAsync("connection_lost") > before, "connection_lost in the metrics");
    }

    [Fact]
    public async Task HeartBeats_AreSent_OneLineFeedEach()
    {
        await using var client = await WireClient.ConnectAsync(Address, "alice", heartBeat: "0,1000");
        for (var beat = 0; beat < 3; beat++)
        {
            Assert.Equal("\n", (await client.NextAsync("a heart-beat")).Text);
        }
    }

    [Fact]
    public async Task Client_ThatFallsSilent_IsClosedAfterThreeIntervals()
    {
        await using var client = await WireClient.ConnectAsync(Address, "alice", heartBeat: "1000,0");
        var started = DateTimeOffset.UtcNow;
        await client.ErrorAsync("No heart-beat");
        Assert.True(DateTimeOffset.UtcNow - started >= TimeSpan.FromSeconds(2.8), "closed within three intervals");
        await client.ClosedAsync(4408);
    }

    [Fact]
    public async Task Client_ThatBeats_OutlivesOneThatIsSilent()
    {
        await using var beating = await WireClient.ConnectAsync(Address, "alice", heartBeat: "1000,0");
        await using var silent = await WireClient.ConnectAsync(Address, "alice", heartBeat: "1000,0");
        var closed = silent.ErrorAsync("No heart-beat");
        while (!closed.IsCompleted)
        {
            await beating.SendAsync("\n");
            await Task.WhenAny(closed, Task.Delay(500));
        }
        await closed;
        await beating.AskAsync("BEGIN\ntransaction:t");
    }

    [Fact]
    public async Task Sessions_AreCounted()
    {
        var before = await ClosedAsync("disconnect");
        await using var client = await WireClient.ConnectAsync(Address, "alice");
        await client.SendAsync("DISCONNECT\n\n\0");
        await client.ClosedAsync(1000);
        await Wait.Until(async () => await ClosedAsync("disconnect") > before, "the closed connection in the metrics");
    }

    private Task<double> ClosedAsync(string reason) => fixture.Edge.MetricAsync("notifyorleans_edge_connections_closed_total", $"reason=\"{reason}\"");
}

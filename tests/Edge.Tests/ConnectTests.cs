using NotifyOrleans.Edge.Tests.Clients;

namespace NotifyOrleans.Edge.Tests;

/// <summary>From the opened socket to CONNECTED, or not.</summary>
public sealed class ConnectTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    [Fact]
    public async Task Connect_WithGoodToken_AnswersAsTheReference()
    {
        await using var client = await WireClient.OpenAsync(fixture.Edge.StompAddress);
        await client.SendAsync("CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\nlogin:alice\npasscode:token-alice\nheart-beat:500,20000\n\n\0");
        var connected = await client.FrameAsync("CONNECTED");
        Assert.Equal("server session heart-beat version", connected.Names);
        Assert.Equal("20000,1000", connected["heart-beat"]);
        Assert.Equal("1.2", connected["version"]);
        Assert.Matches("^session-[A-Za-z0-9_-]{22}$", connected["session"]);
        Assert.Matches("^NotifyOrleans/[0-9.]+$", connected["server"]);
    }
}

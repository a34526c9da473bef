using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Demo;

/// <summary>The demo page and its tokens: there in Development, and nowhere else.</summary>
public sealed class DemoPageTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    private static readonly (string, string) Development = ("ASPNETCORE_ENVIRONMENT", "Development");

    [Fact]
    public async Task DemoPage_InProduction_IsNotThere()
    {
        Assert.Equal(HttpStatusCode.NotFound, await fixture.Edge.StatusOfAsync("/"));
        using var token = await fixture.Edge.Http.PostAsJsonAsync("/demo/token", new { user = "alice" });
        Assert.Equal(HttpStatusCode.NotFound, token.StatusCode);
    }

    [Fact]
    public async Task DemoPage_InDevelopment_IsServedAndMayLoadNothingFromElsewhere()
    {
        await using var edge = await EdgeProcess.StartAsync(fixture.Silo.GatewayPort, settings: [Development]);
        using var page = await edge.Http.GetAsync("/");
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.StartsWith("default-src 'self';", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        foreach (var file in (string[])["main.js", "main.css", "favicon.svg"])
            Assert.Equal(HttpStatusCode.OK, await edge.StatusOfAsync($"/{file}"));
    }

    [Fact]
    public async Task Token_InDevelopment_ComesFromTheAuthority()
    {
        await using var edge = await EdgeProcess.StartAsync(fixture.Silo.GatewayPort, settings: [Development, ("Stomp__Path", "/stomp")]);
        await edge.WaitForLinkAsync();
        using var reply = await edge.Http.PostAsJsonAsync("/demo/token", new { user = "alice", roles = new[] { "service" } });
        var token = await reply.Content.ReadFromJsonAsync<JsonNode>();
        Assert.Equal(("token-alice", "/stomp"), (token?["token"]?.ToString(), token?["webSocketPath"]?.ToString()));
        Assert.True(reply.Headers.CacheControl?.NoStore);

        using var nobody = await edge.Http.PostAsJsonAsync("/demo/token", new { user = " " });
        Assert.Equal(HttpStatusCode.BadRequest, nobody.StatusCode);
    }

    [Fact]
    public async Task Token_NoSilo_SaysSo()
    {
        await using var edge = await EdgeProcess.StartAsync(FreePort.Next(), settings: [Development]);
        using var reply = await edge.Http.PostAsJsonAsync("/demo/token", new { user = "alice" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
        Assert.Equal("no silo answers", await reply.Content.ReadAsStringAsync());
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using NotifyOrleans.Silo.Tests.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Admin;

/// <summary>Who sees Orleans' own pages, and whether they are there.</summary>
public sealed class DashboardTests
{
    private static readonly TestToken Operator = new("operator", "admin");

    [Fact]
    public async Task Dashboard_Enabled_IsForAdminsWithABearerTokenOrByNameAndPassword()
    {
        await using var silo = await StartAsync("true");

        var refused = await GetAsync(silo, "", authorization: null);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(["Bearer", "Basic"], refused.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
        Assert.Equal("realm=\"NotifyOrleans\", charset=\"UTF-8\"", refused.Headers.WwwAuthenticate.Last().Parameter);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "", new("Bearer", Operator.Text)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "", Basic("operator", Operator.Text)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "", Basic("", Operator.Text)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(silo, "", Basic("alice", new TestToken("alice", "service").Text)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(silo, "", Basic("alice", Operator.Text)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(silo, "", Basic("operator", "secret")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(silo, "", new("Basic", "no base64")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(silo, "", new("Basic", Convert.ToBase64String("no colon"u8))));
    }

    [Fact]
    public async Task Dashboard_Enabled_CountsTheSilosAndTheirGrains()
    {
        await using var silo = await StartAsync("true");
        await Wait.Until(
            async () =>
            {
                using var counters = await GetAsync(silo, "DashboardCounters", Basic("operator", Operator.Text));
                var json = JsonDocument.Parse(await counters.Content.ReadAsStringAsync()).RootElement;
                return json.GetProperty("hosts").GetArrayLength() == 1
                    && json.GetProperty("simpleGrainStats")
                        .EnumerateArray()
                        .Any(grain => grain.GetProperty("grainType").GetString()!.EndsWith(".ShownTokensGrain", StringComparison.Ordinal));
            },
            "the silo with the grain that knows the operator's token"
        );
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(silo, "DashboardCounters", authorization: null));
    }

    [Fact]
    public async Task Log_Enabled_IsNotShown()
    {
        await using var silo = await StartAsync("true");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(silo, "Trace", new("Bearer", Operator.Text)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("false")]
    public async Task Dashboard_NotEnabled_IsNotThere(string? enabled)
    {
        await using var silo = await StartAsync(enabled);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(silo, "", new("Bearer", Operator.Text)));
    }

    [Fact]
    public async Task Start_WithWrongSettings_NamesThem()
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("perhaps"));
        Assert.Contains("Admin:Dashboard:Enabled", fault.Message, StringComparison.Ordinal);
    }

    private static Task<AuthoritySilo> StartAsync(string? enabled) =>
        AuthoritySilo.StartAsync(new Dictionary<string, string?>(TestIssuers.Settings) { ["Admin:Dashboard:Enabled"] = enabled });

    private static AuthenticationHeaderValue Basic(string name, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));

    private static async Task<HttpStatusCode> StatusAsync(AuthoritySilo silo, string page, AuthenticationHeaderValue? authorization)
    {
        using var answer = await GetAsync(silo, page, authorization);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> GetAsync(AuthoritySilo silo, string page, AuthenticationHeaderValue? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"admin/dashboard/{page}");
        request.Headers.Authorization = authorization;
        return await silo.Http.SendAsync(request);
    }
}

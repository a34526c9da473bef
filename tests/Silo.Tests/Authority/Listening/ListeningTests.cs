using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Listening;

/// <summary>Where the broker's questions are answered, and to whom.</summary>
public sealed class ListeningTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly TestCertificates _foreign = new();
    private readonly int _port = FreePort.Next();

    public void Dispose()
    {
        _certificates.Dispose();
        _foreign.Dispose();
    }

    [Fact]
    public async Task Questions_WithAnAddressOfTheirOwn_AreAnsweredThere_AndNothingElseIs()
    {
        var settings = TestIssuers.Settings;
        settings["Authority:Endpoint:Url"] = $"http://127.0.0.1:{_port}";
        await using var silo = await AuthoritySilo.StartAsync(settings);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}/") };
        // A host that looks like the other address helps nobody.
        using var disguised = new HttpRequestMessage(HttpMethod.Get, new Uri(silo.Address, "auth/vhost?username=alice&vhost=/"))
        {
            Headers = { Host = $"127.0.0.1:{_port}" },
        };

        Assert.Equal("allow", await http.GetStringAsync("auth/vhost?username=alice&vhost=/"));
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAsync("auth/vhost?username=alice&vhost=/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAsync("AUTH/vhost?username=alice&vhost=/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.SendAsync(disguised)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync("admin/revocations", content: null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await silo.Http.PostAsync("admin/revocations", content: null)).StatusCode);
    }

    [Fact]
    public async Task Questions_UnderMutualTls_AreAnsweredToWhoHasACertificateOfTheAuthority()
    {
        await using var silo = await AuthoritySilo.StartAsync(SettingsUnderTls());
        using var ofBroker = _certificates.IssueForClient("broker");
        using var ofServer = _certificates.IssueForServer("other server");
        using var foreign = _foreign.IssueForClient("broker");

        Assert.Equal("allow", await AskAsync(ofBroker));
        foreach (var certificate in (X509Certificate2?[])[null, foreign, ofServer])
            await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(certificate));
    }

    [Fact]
    public async Task Endpoint_WithFaults_StopsTheStart()
    {
        var settings = TestIssuers.Settings;
        settings["Authority:Endpoint:Url"] = "https://127.0.0.1:1/auth";
        settings["Authority:Endpoint:ClientAuthorities"] = "/nowhere/ca.pem";
        settings["Authority:Endpoint:Certificate:KeyPath"] = "/nowhere/silo.key";
        await AssertFaultsAsync(
            settings,
            "Url: 'https://127.0.0.1:1/auth'",
            "Certificate:Path: is missing",
            "Certificate:KeyPath: there is no file",
            "ClientAuthorities: '/nowhere/ca.pem'"
        );

        settings = TestIssuers.Settings;
        settings["Authority:Endpoint:Url"] = $"http://127.0.0.1:{_port}";
        settings["Authority:Endpoint:ClientAuthorities"] = _certificates.AuthorityFile;
        await AssertFaultsAsync(settings, "Url: must be an https address");
    }

    /// <summary>The silo's settings for an endpoint that only the holders of this authority's certificates reach.</summary>
    private Dictionary<string, string?> SettingsUnderTls()
    {
        _certificates.IssueForServer("silo").Dispose();
        var settings = TestIssuers.Settings;
        settings["Authority:Endpoint:Url"] = $"https://127.0.0.1:{_port}";
        settings["Authority:Endpoint:Certificate:Path"] = _certificates.FileOf("silo");
        settings["Authority:Endpoint:Certificate:KeyPath"] = _certificates.KeyFileOf("silo");
        settings["Authority:Endpoint:ClientAuthorities"] = _certificates.AuthorityFile;
        return settings;
    }

    private async Task<string> AskAsync(X509Certificate2? certificate)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        if (certificate is not null)
            handler.ClientCertificates.Add(certificate);
        using var http = new HttpClient(handler);
        return await http.GetStringAsync(new Uri($"https://127.0.0.1:{_port}/auth/vhost?username=alice&vhost=/"));
    }

    private static async Task AssertFaultsAsync(Dictionary<string, string?> settings, params string[] places)
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => AuthoritySilo.StartAsync(settings));
        foreach (var place in places)
            Assert.Contains(fault.Failures, failure => failure.StartsWith($"Authority:Endpoint:{place}", StringComparison.Ordinal));
        Assert.Equal(places.Length, fault.Failures.Count());
    }
}

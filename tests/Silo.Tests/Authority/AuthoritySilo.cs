using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Ingress;
using NotifyOrleans.Hosting.Logging;
using NotifyOrleans.Silo.Admin;
using NotifyOrleans.Silo.Authority;
using NotifyOrleans.Silo.Cluster;
using NotifyOrleans.Silo.Outbox;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>A silo with the authority alone, in this process, on free ports. Source: <c>notifications</c>, vhost: <c>/</c>.</summary>
internal sealed class AuthoritySilo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TemporaryFolder? _ownFolder;

    private AuthoritySilo(WebApplication app, TemporaryFolder? ownFolder)
    {
        (_app, _ownFolder) = (app, ownFolder);
        Address = new Uri(app.Urls.Single(url => url != app.Configuration["Authority:Endpoint:Url"]) + "/");
        Http = new HttpClient { BaseAddress = Address };
        Grain = app.Services.GetRequiredService<IGrainFactory>().GetGrain<IAuthorityGrain>(0);
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>What edges ask.</summary>
    public IAuthorityGrain Grain { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Revokes, as an operator whose own token was issued a moment ahead.</summary>
    public async Task<HttpResponseMessage> RevokeAsync(object request, TestToken? token = null)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "admin/revocations") { Content = JsonContent.Create(request) };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (token ?? TestToken.IssuedIn(60, "operator", "admin")).Text);
        return await Http.SendAsync(message);
    }

    /// <summary>Starts one.</summary>
    /// <param name="settings">Configuration.</param>
    /// <param name="environment">The host's environment.</param>
    /// <param name="log">Takes everything that is logged, at every level.</param>
    /// <param name="folder">Where it stores, for a silo that starts again; null = in a folder of its own.</param>
    /// <param name="file">A file with settings, whose changes count.</param>
    /// <param name="services">Takes the place of what the silo has.</param>
    /// <exception cref="OptionsValidationException">The settings have faults.</exception>
    public static async Task<AuthoritySilo> StartAsync(
        IDictionary<string, string?> settings,
        string environment = "Production",
        ILoggerProvider? log = null,
        TemporaryFolder? folder = null,
        string? file = null,
        Action<IServiceCollection>? services = null
    )
    {
        var ownFolder = folder is null ? new TemporaryFolder() : null;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder
            .Configuration.AddInMemoryCollection(settings)
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Outbox:Path"] = (folder ?? ownFolder)!.File("outbox"),
                    ["Cluster:ClusterId"] = Guid.NewGuid().ToString("n"),
                    ["Cluster:SiloPort"] = $"{FreePort.Next()}",
                    ["Cluster:GatewayPort"] = $"{FreePort.Next()}",
                }
            );
        if (file is not null)
            builder.Configuration.AddJsonFile(file, optional: false, reloadOnChange: true);
        builder.WebHost.UseUrls($"http://{IPAddress.Loopback}:0");
        builder.AddNodeLogging();
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.AddOutbox().AddAuthority().AddAdmin().AddCluster();
        builder.Services.AddSingleton(new SourceRoutes([new SourceDescription("notifications", ["user.{user}.#"])]));
        services?.Invoke(builder.Services);
        var app = builder.Build();
        try
        {
            app.MapAuthority().MapDashboard();
            RevocationEndpoints.Map(app.MapGroup("/admin").RequireAuthorization(AdminExtensions.Policy));
            await app.StartAsync();
            return new AuthoritySilo(app, ownFolder);
        }
        catch
        {
            await app.DisposeAsync();
            ownFolder?.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _ownFolder?.Dispose();
    }
}

using System.Net;
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
using NotifyOrleans.Silo.Authority;
using NotifyOrleans.Silo.Cluster;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>A silo with the authority alone, in this process, on free ports. Source: <c>notifications</c>, vhost: <c>/</c>.</summary>
internal sealed class AuthoritySilo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AuthoritySilo(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single() + "/");
        Http = new HttpClient { BaseAddress = Address };
        Grain = app.Services.GetRequiredService<IGrainFactory>().GetGrain<IAuthorityGrain>(0);
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>What edges ask.</summary>
    public IAuthorityGrain Grain { get; }

    /// <summary>Starts one.</summary>
    /// <param name="settings">Configuration.</param>
    /// <param name="environment">The host's environment.</param>
    /// <param name="log">Takes everything that is logged, at every level.</param>
    /// <exception cref="OptionsValidationException">The settings have faults.</exception>
    public static async Task<AuthoritySilo> StartAsync(IDictionary<string, string?> settings, string environment = "Production", ILoggerProvider? log = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings).AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Cluster:ClusterId"] = Guid.NewGuid().ToString("n"),
            ["Cluster:SiloPort"] = $"{FreePort.Next()}",
            ["Cluster:GatewayPort"] = $"{FreePort.Next()}",
        });
        builder.WebHost.UseUrls($"http://{IPAddress.Loopback}:0");
        builder.AddNodeLogging();
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.AddCluster().AddAuthority();
        builder.Services.AddSingleton(new SourceRoutes([new SourceDescription("notifications", ["user.{user}.#"])]));
        var app = builder.Build();
        try
        {
            app.MapAuthority();
            await app.StartAsync();
            return new AuthoritySilo(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

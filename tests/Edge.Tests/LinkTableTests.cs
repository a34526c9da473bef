using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests;

/// <summary>When what comes over a link is handed on.</summary>
public sealed class LinkTableTests
{
    [Fact]
    public async Task Batch_OfALinkThatNotAllHaveHeardOf_WaitsForThat()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        using var client = await ConnectAsync(silo);
        var options = Options.Create(new LinksOptions());
        var metrics = new LinkMetrics(client.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        var links = new LinkTable(new EdgeIdentity(options), new TopicTable(), options, metrics, TimeProvider.System, NullLogger<SiloLink>.Instance);
        await links.UseAsync(client.Services.GetRequiredService<IClusterClient>(), []);
        using var heard = new ManualResetEventSlim();
        links.Opened += heard.Wait;
        try
        {
            links.Reconcile([silo.Name]);
            await Wait.Until(() => links.IsLinked, "the link");

            var found = links.FindAsync(silo.Name, silo.Link.Number).AsTask();

            Assert.False(found.IsCompleted, "A batch is handed on before everybody has heard of its link");
            heard.Set();
            Assert.Same(links.Find(silo.Name), await found);
        }
        finally
        {
            heard.Set();
            await links.CloseAllAsync();
        }
    }

    private static async Task<IHost> ConnectAsync(ScriptedSilo silo)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client => client.UseLocalhostClustering(silo.GatewayPort, serviceId: "notify-orleans", clusterId: "notify"));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}

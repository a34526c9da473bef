using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Delivery;

/// <summary>When what comes over a link is handed on, and when a link is closed.</summary>
public sealed class LinkTableTests
{
    [Fact]
    public async Task Batch_OfALinkThatNotAllHaveHeardOf_WaitsForThat()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        using var client = await ConnectAsync(silo);
        var links = await LinksAsync(client);
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

    [Fact]
    public async Task Link_ToASiloThatOneAnswerDoesNotName_IsKept()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        using var client = await ConnectAsync(silo);
        var links = await LinksAsync(client);
        try
        {
            links.Reconcile([silo.Name]);
            await Wait.Until(() => links.IsLinked, "the link");
            var link = links.Find(silo.Name)!;

            // A silo that has just begun is known to some of the others only.
            foreach (var named in (bool[])[false, false, true, false, false])
            {
                links.Reconcile(named ? [silo.Name] : []);
                Assert.Same(link, links.Find(silo.Name));
            }
            links.Reconcile([]);

            Assert.Null(links.Find(silo.Name));
            await Wait.Until(() => link.IsLost, "the link to be closed");
        }
        finally
        {
            await links.CloseAllAsync();
        }
    }

    private static async Task<LinkTable> LinksAsync(IHost client)
    {
        var options = Options.Create(new LinksOptions());
        var metrics = new LinkMetrics(client.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        var links = new LinkTable(new EdgeIdentity(options), new TopicTable(), options, metrics, TimeProvider.System, NullLogger<SiloLink>.Instance);
        await links.UseAsync(client.Services.GetRequiredService<IClusterClient>(), []);
        return links;
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

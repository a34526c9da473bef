using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Silo.Cluster;
using NotifyOrleans.Silo.DeadLetters;
using NotifyOrleans.Silo.Delivery;
using NotifyOrleans.Silo.Events;
using NotifyOrleans.Silo.Ingress;
using NotifyOrleans.Silo.Ingress.Recipients;
using NotifyOrleans.Silo.Outbox;
using NotifyOrleans.Silo.Topics;
using NotifyOrleans.Streaming.RabbitMQ.Health;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>A silo in the test's process, whose deliveries are seen where they are routed.</summary>
internal sealed class IngressSilo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TemporaryFolder _folder;
    private bool _stopped;

    private IngressSilo(WebApplication app, TemporaryFolder folder) => (_app, _folder) = (app, folder);

    public RecordingRouter Router => _app.Services.GetRequiredService<RecordingRouter>();

    public IDeadLetters DeadLetters => _app.Services.GetRequiredService<IDeadLetters>();

    public DeadLetterQueue DeadLetterQueue => _app.Services.GetRequiredService<DeadLetterQueue>();

    public LogCollector Logs => _app.Services.GetRequiredService<LogCollector>();

    public IReadOnlyList<QueueHealth> Queues => _app.Services.GetRequiredService<IStreamHealth>().Queues;

    /// <summary>Starts one with <c>Ingress:...</c> settings beside the shipped ones.</summary>
    public static async Task<IngressSilo> StartAsync(
        Uri broker,
        Dictionary<string, string?>? settings = null,
        Action<RecordingRouter>? router = null,
        bool development = true
    )
    {
        var folder = new TemporaryFolder();
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = Repository.PathOf("src", "Silo"), EnvironmentName = development ? "Development" : "Production" }
        );
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:RabbitMq"] = broker.AbsoluteUri,
                ["Cluster:SiloPort"] = $"{FreePort.Next()}",
                ["Cluster:GatewayPort"] = $"{FreePort.Next()}",
                ["Outbox:Path"] = folder.File("outbox"),
            }
        );
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        var logs = new LogCollector();
        builder.Logging.AddProvider(logs);
        builder.AddIngress().AddDelivery().AddOutbox().AddRecipients().AddTopics().AddEvents().AddCluster();
        builder.Services.AddSingleton(logs);
        var (realRouter, realDeadLetters) = (TypeOf<IDeliveryRouter>(builder.Services), TypeOf<IDeadLetters>(builder.Services));
        builder.Services.AddSingleton(provider => new RecordingRouter((IDeliveryRouter)ActivatorUtilities.CreateInstance(provider, realRouter)));
        builder.Services.AddSingleton<IDeliveryRouter>(provider => provider.GetRequiredService<RecordingRouter>());
        builder.Services.AddSingleton<IDeadLetters>(provider => new HeldDeadLetters(
            (IDeadLetters)ActivatorUtilities.CreateInstance(provider, realDeadLetters)
        ));
        var app = builder.Build();
        router?.Invoke(app.Services.GetRequiredService<RecordingRouter>());
        await app.StartAsync();
        return new IngressSilo(app, folder);
    }

    public async Task<HealthReportEntry> HealthAsync() =>
        (await _app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "ingress")).Entries["ingress"];

    public Task HealthyAsync() => HealthAsync(HealthStatus.Healthy, "");

    public async Task HealthAsync(HealthStatus status, string text)
    {
        HealthReportEntry last = default;
        await Wait.Until(
            async () => (last = await HealthAsync()).Status == status && (last.Description ?? "").Contains(text, StringComparison.Ordinal),
            () => $"health {status} '{text}'; it is {last.Status} '{last.Description}'"
        );
    }

    public Task DeliveredAsync(int count, TimeSpan? timeout = null) =>
        Wait.Until(
            () => Router.Deliveries.Count >= count,
            () => $"{count} deliveries; there are {Router.Deliveries.Count}; {string.Join(", ", Queues)}",
            timeout
        );

    public async Task StopAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static Type TypeOf<T>(IServiceCollection services) => services.Last(service => service.ServiceType == typeof(T)).ImplementationType!;
}

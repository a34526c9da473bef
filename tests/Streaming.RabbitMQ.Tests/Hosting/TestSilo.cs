using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using NotifyOrleans.Streaming.RabbitMQ.Health;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;
using NotifyOrleans.Testing;
using Orleans.Configuration;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;

/// <summary>A silo with the stream provider and the collecting grain.</summary>
public sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _stopped;

    private TestSilo(IHost host) => _host = host;

    public Inbox Inbox => _host.Services.GetRequiredService<Inbox>();

    public IQueueRecovery Recovery => _host.Services.GetRequiredService<IQueueRecovery>();

    public LogCollector Logs => _host.Services.GetRequiredService<LogCollector>();

    public QueueHealth HealthOf(string queue) =>
        _host.Services.GetRequiredService<IStreamHealth>().Queues.SingleOrDefault(health => health.Queue == queue)
        ?? new QueueHealth(queue, QueueState.Waiting, "not taken");

    public static async Task<TestSilo> StartAsync(
        Uri broker,
        string[] queues,
        Action<RabbitMqStreamOptions>? configure = null,
        IQueueTopology? topology = null,
        Action<Inbox>? inbox = null,
        int? primaryPort = null,
        int? siloPort = null
    )
    {
        var port = siloPort ?? FreePort.Next();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var logs = new LogCollector();
        builder.Services.AddSingleton(logs);
        builder.Logging.AddProvider(logs);
        builder.Services.AddSingleton<Inbox>();
        if (topology is not null)
            builder.Services.AddSingleton(topology);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(port, FreePort.Next(), primaryPort is null ? null : new IPEndPoint(IPAddress.Loopback, primaryPort.Value));
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(1);
                options.NumMissedProbesLimit = 2;
                options.NumVotesForDeathDeclaration = 1;
            });
            silo.AddRabbitMqStreams(options =>
                options.Configure(streams =>
                {
                    streams.Queues = queues;
                    streams.ConnectionFactory.Uri = broker;
                    configure?.Invoke(streams);
                })
            );
        });
        var host = builder.Build();
        var silo = new TestSilo(host);
        inbox?.Invoke(silo.Inbox);
        await host.StartAsync();
        return silo;
    }

    public Task ConsumesAsync(string queue, TimeSpan? timeout = null) =>
        Wait.Until(() => HealthOf(queue).State == QueueState.Consuming, () => $"{queue} to be consumed; it is {HealthOf(queue)}", timeout);

    public async Task StopAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _host.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
    }
}

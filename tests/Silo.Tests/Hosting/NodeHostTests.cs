using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Hosting;

/// <summary>How a silo ends that is told to stop before it has started, or in which a part fails, in the test's process.</summary>
public sealed class NodeHostTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silo_ToldToStopBetweenTwoStagesOfItsStart_EndsInOrder(bool concurrently) =>
        Assert.Equal(
            0,
            await RunAsync(services =>
            {
                services.Configure<HostOptions>(host => host.ServicesStartConcurrently = concurrently);
                services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StopsAtAStage>();
            })
        );

    [Fact]
    public async Task Silo_ToldToStopWhileSeveralPartsStart_EndsInOrder() =>
        Assert.Equal(
            0,
            await RunAsync(services =>
            {
                services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
                services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StopsAtAStage>();
                services.AddHostedService<WaitsForTheStop>();
            })
        );

    [Fact]
    public async Task Silo_ToldToStopButWronglyConfigured_IsRefused() =>
        Assert.Equal(
            1,
            await RunAsync(services =>
            {
                services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
                services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StopsAtAStage>();
                services.AddHostedService<FindsAFault>();
            })
        );

    [Fact]
    public async Task Silo_OneOfItsPartsFails_EndsAndSaysSo() => Assert.Equal(1, await RunAsync(services => services.AddHostedService<FailsLater>()));

    private static Task<int> RunAsync(Action<IServiceCollection> add) =>
        NodeHost.RunAsync(
            ["--urls=http://127.0.0.1:0"],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort.Next(), FreePort.Next()));
                add(builder.Services);
            },
            _ => { }
        );

    private sealed class StopsAtAStage(IHostApplicationLifetime lifetime) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(StopsAtAStage), ServiceLifecycleStage.RuntimeInitialize + 1, _ =>
            {
                lifetime.StopApplication();
                return Task.CompletedTask;
            });
    }

    private sealed class WaitsForTheStop : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class FailsLater(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Delay(Timeout.Infinite, lifetime.ApplicationStarted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new InvalidOperationException("as the test wants it");
        }
    }

    private sealed class FindsAFault : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) =>
            throw new OptionsValidationException("settings", typeof(FindsAFault), ["A setting: is wrong."]);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

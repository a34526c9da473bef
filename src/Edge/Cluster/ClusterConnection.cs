using System.Net.Sockets;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Exceptions;
using NotifyOrleans.Hosting.Clustering;
using Orleans.Configuration;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>
/// The edge's Orleans client. It connects in the background, so that the edge runs without a silo, and it can be replaced: after the loss of a gateway
/// a client may go on without ever getting an observer's call again.
/// </summary>
internal sealed partial class ClusterConnection(
    IOptions<ClusteringOptions> options,
    SiloFinder finder,
    ILoggerFactory loggers,
    TimeProvider time,
    ILogger<ClusterConnection> logger
) : BackgroundService
{
    /// <summary>Until a call counts as failed: far above what any takes, short enough that who waits for it has not gone.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Between attempts to connect: a silo that comes is found within a second.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _wanted = new(0);
    private volatile ServiceProvider? _provider;
    private volatile ClientReferences? _references;
    private volatile CancellationTokenSource _givenUp = new();
    private TaskCompletionSource<IClusterClient> _client = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The client; null while there is none.</summary>
    public IClusterClient? Client => _client.Task is { IsCompletedSuccessfully: true } connected ? connected.Result : null;

    /// <summary>Waits until there is a client.</summary>
    public Task<IClusterClient> GetAsync(CancellationToken cancellationToken) => Volatile.Read(ref _client).Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Calls a grain. The call fails as soon as the client that carries it is given up: nobody would answer it, and its time-out has gone with the client.
    /// </summary>
    /// <exception cref="ClusterUnavailableException">There is no client, or it was given up.</exception>
    public Task<TAnswer> CallAsync<TGrain, TAnswer>(long key, Func<TGrain, Task<TAnswer>> call)
        where TGrain : IGrainWithIntegerKey => CallAsync(client => call(ReferencesOf(client).Get<TGrain>(key)));

    /// <inheritdoc cref="CallAsync{TGrain, TAnswer}(long, Func{TGrain, Task{TAnswer}})"/>
    public Task<TAnswer> CallAsync<TGrain, TAnswer>(string key, Func<TGrain, Task<TAnswer>> call)
        where TGrain : IGrainWithStringKey => CallAsync(client => call(client.GetGrain<TGrain>(key)));

    private ClientReferences ReferencesOf(IClusterClient client)
    {
        var known = _references;
        return known?.Client == client ? known : _references = new ClientReferences(client);
    }

    private async Task<TAnswer> CallAsync<TAnswer>(Func<IClusterClient, Task<TAnswer>> call)
    {
        var given = _givenUp.Token;
        var client = Client ?? throw new ClusterUnavailableException("No silo can be reached");
        try
        {
            return await call(client).WaitAsync(given);
        }
        catch (OperationCanceledException exception) when (given.IsCancellationRequested)
        {
            throw new ClusterUnavailableException("The silo that was asked does not answer", exception);
        }
    }

    /// <inheritdoc cref="CallAsync{TGrain, TAnswer}(long, Func{TGrain, Task{TAnswer}})"/>
    public Task CallAsync<TGrain>(long key, Func<TGrain, Task> call)
        where TGrain : IGrainWithIntegerKey => CallAsync<TGrain, bool>(key, async grain =>
        {
            await call(grain);
            return true;
        });

    /// <summary>Replaces the client by a new one; does nothing when it has been replaced already.</summary>
    public void Replace(IClusterClient client)
    {
        var current = Volatile.Read(ref _client);
        if (Client != client)
            return;
        if (Interlocked.CompareExchange(ref _client, new(TaskCreationOptions.RunContinuationsAsynchronously), current) != current)
            return;
        // Off this thread: all who wait for an answer go on from here.
        var givenUp = Interlocked.Exchange(ref _givenUp, new CancellationTokenSource());
        _ = givenUp.CancelAsync();
        _wanted.Release();
    }

    /// <summary>Whether a call failed because no silo could carry it out, and not because it was wrong.</summary>
    public static bool IsUnavailable(Exception exception) =>
        exception is TimeoutException or OrleansException or ClusterUnavailableException or ObjectDisposedException or SocketException;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var provider = await ConnectAsync(stoppingToken);
            _provider = provider;
            _client.SetResult(provider.GetRequiredService<IClusterClient>());
            LogConnected();
            await _wanted.WaitAsync(stoppingToken);
            LogReplaced();
            await EndAsync();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await EndAsync();
    }

    private async Task<ServiceProvider> ConnectAsync(CancellationToken cancellationToken)
    {
        var told = false;
        while (true)
        {
            ServiceProvider? provider = null;
            try
            {
                provider = Build(await finder.FindAsync(cancellationToken));
                foreach (var service in provider.GetServices<IHostedService>())
                    await service.StartAsync(cancellationToken);
                return provider;
            }
            catch (Exception exception)
            {
                if (provider is not null)
                    await provider.DisposeAsync();
                // Orleans has an exception of its own for a start that is broken off.
                cancellationToken.ThrowIfCancellationRequested();
                if (!told)
                    LogUnreachable(exception.Message);
                told = true;
                await Task.Delay(RetryInterval, time, cancellationToken);
            }
        }
    }

    private ServiceProvider Build(Action<IClientBuilder> findSilos)
    {
        var services = new ServiceCollection();
        services.AddSingleton(loggers);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddExceptionSerialization();
        services.AddOrleansClient(client =>
        {
            findSilos(client);
            client
                .Configure<ClusterOptions>(cluster =>
                {
                    cluster.ClusterId = options.Value.ClusterId;
                    cluster.ServiceId = options.Value.ServiceId;
                })
                .Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = ResponseTimeout)
                // A gateway that was lost is tried again as soon as the list is read again, and a silo that came is found.
                .Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
        });
        return services.BuildServiceProvider();
    }

    private async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _provider, null) is not { } provider)
            return;
        using var patience = new CancellationTokenSource(ResponseTimeout);
        try
        {
            foreach (var service in provider.GetServices<IHostedService>())
                await service.StopAsync(patience.Token);
            await provider.DisposeAsync();
        }
        catch (Exception exception)
        {
            LogEndFailed(exception);
        }
    }
}

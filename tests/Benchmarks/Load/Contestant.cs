using System.Diagnostics;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>One of the systems in a run: its sessions, the service that publishes to them, and what was measured.</summary>
internal sealed class Contestant(MeasuredSystem system, Service service, Arrivals arrivals, LoadOptions options) : IAsyncDisposable
{
    // Longer than anything here takes; a benchmark that hangs is to say so.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private LoadSession[] _sessions = [];

    public MeasuredSystem System => system;

    /// <summary>Messages that came twice or not in their order.</summary>
    public int Wrong => arrivals.Wrong;

    /// <summary>Messages that were published so far.</summary>
    public int Published => service.Published;

    /// <summary>Messages that the broker has confirmed so far.</summary>
    public int Confirmed => service.Confirmed;

    /// <summary>Messages that have arrived so far.</summary>
    public int Delivered => arrivals.Count;

    public static async Task<Contestant> EnterAsync(MeasuredSystem system, Uri broker, LoadOptions options)
    {
        var arrivals = new Arrivals(options.Sessions);
        return new Contestant(system, await Service.ConnectAsync(broker, system, arrivals, options), arrivals, options);
    }

    public Task<Measurement> ConnectAsync(bool acknowledges) => Measurement.TakeAsync(system, options.Sessions, () => OpenAsync(acknowledges));

    public async Task DisconnectAsync()
    {
        await Task.WhenAll(_sessions.Select(session => session.LeaveAsync()));
        _sessions = [];
    }

    /// <summary>Its sessions are heard of, while others are measured.</summary>
    public Task HeartBeatAsync() => Task.WhenAll(_sessions.Select(session => session.HeartBeatAsync()));

    /// <summary>As many as it takes.</summary>
    public Task<Measurement> DeliverAsync(int messages) => Measurement.TakeAsync(system, messages, async () =>
        {
            await service.PublishAsync(messages);
            await AllHereAsync();
        });

    /// <summary>At a rate.</summary>
    public async Task<(Measurement Measurement, TimeSpan[] Latencies)> DeliverAtRateAsync()
    {
        arrivals.TakeLatencies();
        var measurement = await Measurement.TakeAsync(system, (int)(options.Rate * options.RateTime.TotalSeconds), async () =>
        {
            await service.PublishAsync(options.Rate, options.RateTime);
            await AllHereAsync();
        });
        return (measurement, arrivals.TakeLatencies());
    }

    /// <summary>Publishes at a rate, whether they are delivered or not.</summary>
    public Task PublishAsync(int rate, TimeSpan time) => service.PublishAsync(rate, time);

    /// <summary>Messages for users who are away.</summary>
    public async Task<Measurement> StoreAsync()
    {
        var before = await system.CountStoredAsync();
        var count = options.Sessions * options.StoredPerUser;
        return await Measurement.TakeAsync(system, count, async () =>
        {
            await service.PublishToAllAsync(options.StoredPerUser);
            await Wait.Until(async () => await system.CountStoredAsync() >= before + count, "everything to be stored", Patience);
        });
    }

    /// <summary>All come back, and have what waited for them.</summary>
    public Task<Measurement> DrainAsync() => Measurement.TakeAsync(system, options.Sessions * options.StoredPerUser, async () =>
        {
            await OpenAsync(acknowledges: false);
            await AllHereAsync();
        });

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
            await session.DisposeAsync();
        await service.DisposeAsync();
    }

    private async Task OpenAsync(bool acknowledges)
    {
        var sessions = new LoadSession[options.Sessions];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, sessions.Length),
            new ParallelOptions { MaxDegreeOfParallelism = options.Connecting },
            async (user, _) => sessions[user] = await LoadSession.ConnectAsync(system, user, acknowledges, arrivals)
        );
        _sessions = sessions;
    }

    /// <summary>Completes when everything that was published has arrived.</summary>
    public async Task AllHereAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (arrivals.Count < service.Published)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException(
                    $"{system.Name}: {service.Published - arrivals.Count} messages have not arrived; sessions that ended: {string.Join(", ", _sessions.Select(session => session.Ended).OfType<string>().Distinct())}"
                );
            await Task.Delay(1);
        }
    }
}

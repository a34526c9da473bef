using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>
/// Starts broker, silo and edge as they ship, and measures the whole way beside RabbitMQ's Web STOMP at the same broker: the systems in turn, so that what else
/// runs on the machine meets both. Only the ratio of figures of one run means something.
/// </summary>
internal static class LoadRun
{
    public static async Task<int> RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        await using var world = await World.StartAsync(
            new WorldOptions
            {
                Silos = 1,
                Edges = 1,
                HasProxies = false,
            }
        );
        await using var ours = await Contestant.EnterAsync(new MeasuredSystem.Ours(world), world.Broker.Uri, options);
        await using var peer = await Contestant.EnterAsync(new MeasuredSystem.WebStomp(world), world.Broker.Uri, options);
        Contestant[] all = [ours, peer];
        var report = new LoadReport(options, [.. all.Select(each => each.System)]);

        // The first connections and messages bring code to speed, in silo and edge: a system that runs for days is to be measured.
        foreach (var each in all)
        {
            await each.ConnectAsync(acknowledges: false);
            await each.DeliverAsync(options.Messages);
            await each.DisconnectAsync();
        }
        await MeasureAsync("connect", each => each.ConnectAsync(acknowledges: false));
        for (var repetition = 0; repetition < options.Repetitions; repetition++)
        {
            await MeasureAsync("unicast, ack auto", each => each.DeliverAsync(options.Messages));
            await ForEachAsync(each => each.HeartBeatAsync());
            foreach (var each in all)
            {
                var (measurement, latencies) = await each.DeliverAtRateAsync();
                report.Add(each.System, $"unicast at {options.Rate}/s", measurement, latencies);
            }
        }
        await ForEachAsync(each => each.DisconnectAsync());
        await MeasureAsync("store while away", each => each.StoreAsync());
        await MeasureAsync("drain, with connecting", each => each.DrainAsync());
        await ForEachAsync(each => each.DisconnectAsync());
        await ForEachAsync(each => each.ConnectAsync(acknowledges: true));
        for (var repetition = 0; repetition < options.Repetitions; repetition++)
            await MeasureAsync("unicast, client-individual", each => each.DeliverAsync(options.Messages / 2));

        var wrong = all.Sum(each => each.Wrong);
        await report.WriteAsync(wrong);
        return wrong == 0 ? 0 : 1;

        async Task MeasureAsync(string work, Func<Contestant, Task<Measurement>> measure)
        {
            foreach (var each in all)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ForEachAsync(other => other.HeartBeatAsync());
                report.Add(each.System, work, await measure(each));
            }
        }

        async Task ForEachAsync(Func<Contestant, Task> action)
        {
            foreach (var each in all)
                await action(each);
        }
    }
}

using System.Diagnostics;
using NotifyOrleans.Testing;
using NotifyOrleans.Torture.Clients;
using NotifyOrleans.Torture.Ledgers;
using NotifyOrleans.Torture.Publishing;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Settling;

/// <summary>
/// The end of a run: waits until everything has arrived, queues are empty and nodes are ready, then looks whether anything is left in the outbox.
/// </summary>
/// <param name="world">What is to settle.</param>
/// <param name="crowd">Its clients.</param>
/// <param name="ledger">What has arrived.</param>
/// <param name="workload">Publishes the messages of the roll-call.</param>
/// <param name="timeout">How long all that may take together, and then each step of the roll-call.</param>
internal sealed class Settlement(World world, Crowd crowd, Ledger ledger, Workload workload, TimeSpan timeout)
{
    private const string DeadLetters = "notifyorleans.dead-letters";

    public async Task<Settled> RunAsync(Action<string> print, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        List<string> faults = [];
        await CheckAsync(faults, () => crowd.GatherAsync(LeftOf(started)));
        await CheckAsync(faults, () =>
            Wait.Until(() => ledger.Received >= ledger.Owed, () => $"every message; {ledger.Owed - ledger.Received} have not arrived", LeftOf(started))
        );
        await CheckAsync(faults, () => Wait.Until(async () => (await FullQueuesAsync()).Length == 0, "queues to be empty", LeftOf(started)));
        await CheckAsync(faults, world.ReadyAsync);
        var took = Stopwatch.GetElapsedTime(started);
        print($"settled after {took.TotalSeconds:0.0} s; roll-call");
        if (faults.Count == 0)
        {
            await CheckAsync(faults, () => CallRollAsync(cancellationToken));
            await CheckAsync(faults, () => Wait.Until(async () => (await FullQueuesAsync()).Length == 0, "queues to be empty after the roll-call", timeout));
        }
        foreach (var queue in await QueuesAsync())
            faults.Add($"queue {queue}");
        foreach (var node in world.Nodes)
        {
            faults.AddRange(node.Crashes.Select(crash => $"{node.Name} ended by itself: {crash}"));
            if (await node.ReadinessAsync() is { IsReady: false } readiness)
                faults.Add($"{node.Name} is not ready: {readiness.Text}");
        }
        return new Settled(took, faults);
    }

    private TimeSpan LeftOf(long started) => timeout - Stopwatch.GetElapsedTime(started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private static async Task CheckAsync(List<string> faults, Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (Xunit.Sdk.XunitException exception)
        {
            faults.Add(exception.Message);
        }
    }

    private async Task CallRollAsync(CancellationToken cancellationToken)
    {
        if (await new RollCall(crowd, ledger, workload).RunAsync(timeout, cancellationToken) is var left and > 0)
            throw new Xunit.Sdk.XunitException($"{left} messages were left in the outbox that all recipients had received");
    }

    private async Task<string[]> FullQueuesAsync() => [.. (await QueuesAsync()).Where(queue => !queue.StartsWith(DeadLetters, StringComparison.Ordinal))];

    /// <summary>Queues that hold anything, dead letters too.</summary>
    private async Task<IReadOnlyList<string>> QueuesAsync() =>
        [
            .. (await world.Broker.Management.GetQueuesAsync())
                .Where(queue => queue.Messages > 0)
                .Select(queue => $"{queue.Name} holds {queue.Messages}, {queue.MessagesUnacknowledged} of them not acknowledged"),
        ];
}

using System.Globalization;
using NotifyOrleans.Testing;
using NotifyOrleans.Torture.Clients;
using NotifyOrleans.Torture.Ledgers;
using NotifyOrleans.Torture.Publishing;
using NotifyOrleans.Torture.Reporting;
using NotifyOrleans.Torture.Settling;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Rolling;

/// <summary>
/// A rolling restart: every node is ended in order and started again, one after the other, while clients are connected and messages are under way.
/// </summary>
public static class RollingRun
{
    // More than are published while nodes restart.
    private const int MessagesPerClient = 1000;

    private static readonly TimeSpan GatherTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    /// <param name="options">What the run is made of.</param>
    /// <param name="print">Takes lines of progress.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    public static async Task<Report> RunAsync(RollingOptions options, Action<string> print, CancellationToken cancellationToken = default)
    {
        print(
            $"{options.Clients} clients, {options.World.Silos} silo(s), {options.World.Edges} edge(s), {options.Rate} messages/s, at most {options.ConnectsPerSecond} sessions/s sent away"
        );
        await using var world = await World.StartAsync(
            options.World with
            {
                HasProxies = false,
                EdgeSettings = new Dictionary<string, string?>(options.World.EdgeSettings)
                {
                    ["Stomp__Drain__SessionsPerSecond"] = $"{options.ConnectsPerSecond * 9 / 10}",
                    ["Stomp__Drain__Timeout"] = (options.BackWithin / 2).ToString("c", CultureInfo.InvariantCulture),
                },
            }
        );
        print("all nodes are ready");
        try
        {
            return await RunAsync(options, world, print, cancellationToken);
        }
        finally
        {
            world.KeepLogs();
        }
    }

    private static async Task<Report> RunAsync(RollingOptions options, World world, Action<string> print, CancellationToken cancellationToken)
    {
        var ledger = new Ledger(options.Clients, keysPerUser: 1, MessagesPerClient * options.Clients, RollCall.MaxRounds);
        await using var crowd = new Crowd(world, ledger, new Random(options.Seed), maxDevicesPerUser: 1);
        await crowd.GatherAsync(GatherTimeout);
        print($"{crowd.Devices.Count} sessions are connected");

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workload = new Workload(ledger, world.Broker.Uri, options.Seed, options.Rate);
        var publishing = workload.RunAsync(0..ledger.Audience.MessagesPerSequence, ledger.Audience.Sequences, ending.Token);
        List<NodeRestart> restarts = [];
        foreach (var node in world.Edges.Concat(world.Silos))
            restarts.Add(await RestartAsync(node, crowd, ledger, print));
        workload.IsEnding = true;
        await publishing;
        workload.IsEnding = false;

        var settled = await new Settlement(world, crowd, ledger, workload, options.SettleTimeout).RunAsync(print, ending.Token);
        return Report.Make(options, world, crowd, ledger, restarts, settled);
    }

    private static async Task<NodeRestart> RestartAsync(Node node, Crowd crowd, Ledger ledger, Action<string> print)
    {
        var from = ledger.Now;
        print($"{from.TotalSeconds, 6:0.0} s: {ledger.Confirmed} confirmed, {ledger.Owed} owed, {ledger.Received} received; {node.Name} is ended");
        await node.TerminateAsync(EndTimeout);
        var ended = ledger.Now;
        // Read while the node starts: clients may be back before it.
        var back = BackAsync(crowd, ledger);
        await node.StartAsync();
        await node.ReadyAsync();
        var ready = ledger.Now;
        return new NodeRestart(node.Name, from, ended, ready, await back);
    }

    private static async Task<TimeSpan> BackAsync(Crowd crowd, Ledger ledger)
    {
        await Wait.Until(() => crowd.Absent == 0, () => $"all clients to be back; {crowd.Absent} are not", GatherTimeout);
        return ledger.Now;
    }
}

using NotifyOrleans.Testing;
using NotifyOrleans.Torture.Clients;
using NotifyOrleans.Torture.Faults;
using NotifyOrleans.Torture.Ledgers;
using NotifyOrleans.Torture.Planning;
using NotifyOrleans.Torture.Publishing;
using NotifyOrleans.Torture.Reporting;
using NotifyOrleans.Torture.Settling;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture;

/// <summary>A torture run: real processes, real clients, and everything killed in turn while messages are under way.</summary>
public static class TortureRun
{
    private static readonly TimeSpan GatherTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ProgressTimeout = TimeSpan.FromMinutes(3);

    /// <param name="options">What the run is made of.</param>
    /// <param name="print">Takes lines of progress.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    public static async Task<Report> RunAsync(TortureOptions options, Action<string> print, CancellationToken cancellationToken = default)
    {
        var plan = Plan.Make(options);
        print(plan.ToString());
        await using var world = await World.StartAsync(options.World);
        print("all nodes are ready");
        try
        {
            return await RunAsync(plan, world, print, cancellationToken);
        }
        finally
        {
            world.KeepLogs();
        }
    }

    private static async Task<Report> RunAsync(Plan plan, World world, Action<string> print, CancellationToken cancellationToken)
    {
        var options = plan.Options;
        var ledger = new Ledger(options.Users, options.KeysPerUser, options.Messages, RollCall.MaxRounds);
        await using var crowd = new Crowd(world, ledger, new Random(options.Seed));
        await crowd.GatherAsync(GatherTimeout);
        print($"{crowd.Devices.Count} sessions of {options.Users} users are connected");

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workload = new Workload(ledger, world.Broker.Uri, options.Seed, options.Rate);
        var publishing = workload.RunAsync(0..ledger.Audience.MessagesPerSequence, ledger.Audience.Sequences, ending.Token);
        var struck = await StrikeAsync(plan, new Scene(world, crowd), ledger, workload, publishing, print, ending.Token);
        await publishing;

        print($"{ledger.Now.TotalSeconds:0} s: all is published, and the faults are over");
        var settled = await new Settlement(world, crowd, ledger, workload, options.SettleTimeout).RunAsync(print, ending.Token);
        return Report.Make(plan, world, crowd, ledger, struck, settled);
    }

    private static async Task<IReadOnlyList<StruckFault>> StrikeAsync(
        Plan plan,
        Scene scene,
        Ledger ledger,
        Workload workload,
        Task publishing,
        Action<string> print,
        CancellationToken cancellationToken
    )
    {
        List<StruckFault> struck = [];
        foreach (var (after, fault) in plan.Faults)
        {
            // Messages come during each fault and after it, and wait when it takes longer than planned.
            workload.Limit = after + plan.Interval;
            await Wait.Until(() => ledger.Confirmed >= after || publishing.IsCompleted, $"{after} messages to be confirmed", ProgressTimeout);
            // Several at a time are chosen by the plan, not by the speed of the machine.
            await scene.World.ReadyAsync();
            cancellationToken.ThrowIfCancellationRequested();
            var from = ledger.Now;
            print($"{from.TotalSeconds, 6:0.0} s: {ledger.Confirmed} confirmed, {ledger.Owed} owed, {ledger.Received} received; {fault.Name}: {fault.Details}");
            await fault.StrikeAsync(scene);
            struck.Add(new StruckFault(fault, from, ledger.Now));
        }
        workload.Limit = int.MaxValue;
        return struck;
    }
}

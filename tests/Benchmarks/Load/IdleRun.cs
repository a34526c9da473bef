using System.Globalization;
using NotifyOrleans.Torture.Reporting;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>What a session costs that does nothing: resident memory from the first thousand to the rest, and CPU while nothing comes.</summary>
internal static class IdleRun
{
    private const int First = 1000;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(int sessions, CancellationToken cancellationToken)
    {
        await using var world = await World.StartAsync(
            new WorldOptions
            {
                Silos = 1,
                Edges = 1,
                HasProxies = false,
            }
        );
        var system = new MeasuredSystem.Ours(world);
        var arrivals = new Arrivals(sessions);
        var open = new LoadSession[sessions];
        await OpenAsync(0, First);
        await Task.Delay(Rest, cancellationToken);
        var before = system.Processes.Select(process => process.Usage.Memory).ToArray();
        var opening = await Measurement.TakeAsync(system, sessions - First, () => OpenAsync(First, sessions));
        await Task.Delay(Rest, cancellationToken);
        var table = new Table("process", "KiB a session", "connect us", "idle CPU %");
        var after = system.Processes.Select(process => process.Usage.Memory).ToArray();
        var idle = await Measurement.TakeAsync(system, sessions, () => Task.Delay(Rest, cancellationToken));
        for (var index = 0; index < after.Length; index++)
        {
            table.Add(
                system.Processes[index].Name,
                Format($"{(after[index] - before[index]) / 1024.0 / (sessions - First):0.0}"),
                Format($"{opening.Processes[index].Used.Cpu.TotalMicroseconds / opening.Units:0}"),
                Format($"{idle.Processes[index].Used.Cpu / idle.Time * 100:0.0}")
            );
        }
        Console.WriteLine(Format($"{sessions} sessions, opened at {opening.Rate:0}/s; memory from {First} on"));
        Console.WriteLine(table);
        foreach (var session in open)
            await session.DisposeAsync();
        return 0;

        Task OpenAsync(int from, int to) =>
            Parallel.ForEachAsync(
                Enumerable.Range(from, to - from),
                new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellationToken },
                async (user, _) => open[user] = await LoadSession.ConnectAsync(system, user, acknowledges: false, arrivals)
            );
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Globalization;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>What a piece of work took: time, and of each process CPU time and growth.</summary>
/// <param name="Units">Deliveries, messages or sessions.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Processes">What each process used.</param>
internal sealed record Measurement(int Units, TimeSpan Time, IReadOnlyList<(string Name, Usage Used)> Processes)
{
    public double Rate => Units / Time.TotalSeconds;

    /// <summary>Microseconds of CPU a unit, all processes together.</summary>
    public double MicrosecondsOfCpu => Processes.Sum(process => process.Used.Cpu.TotalMicroseconds) / Units;

    public string CpuByProcess => string.Join(" + ", Processes.Select(process => Format($"{process.Name} {process.Used.Cpu.TotalMicroseconds / Units:0}")));

    public string MemoryByProcess => string.Join(" + ", Processes.Select(process => Format($"{process.Name} {process.Used.Memory / 1024.0 / Units:0.0}")));

    public static async Task<Measurement> TakeAsync(MeasuredSystem system, int units, Func<Task> work)
    {
        var before = system.Processes.Select(process => process.Usage).ToArray();
        var started = Stopwatch.GetTimestamp();
        await work();
        var time = Stopwatch.GetElapsedTime(started);
        return new Measurement(
            units,
            time,
            [
                .. system.Processes.Select(
                    (process, index) => (process.Name, new Usage(process.Usage.Cpu - before[index].Cpu, process.Usage.Memory - before[index].Memory))
                ),
            ]
        );
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

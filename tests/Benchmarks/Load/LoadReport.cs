using System.Diagnostics;
using System.Globalization;
using System.Text;
using NotifyOrleans.Testing;
using NotifyOrleans.Torture.Reporting;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>What a run has measured, as a table and a plot that Markdown shows.</summary>
internal sealed class LoadReport(LoadOptions options, IReadOnlyList<MeasuredSystem> systems)
{
    private readonly List<(string Work, string System, Measurement Measurement, TimeSpan[] Latencies)> _measured = [];

    public void Add(MeasuredSystem system, string work, Measurement measurement, TimeSpan[]? latencies = null)
    {
        _measured.Add((work, system.Name, measurement, latencies ?? []));
        Console.WriteLine(Format($"{work}: {system.Name} {measurement.Rate:0}/s, {measurement.MicrosecondsOfCpu:0} us ({measurement.CpuByProcess})"));
    }

    /// <summary>Prints it, and writes <c>load.md</c> if a folder was asked for.</summary>
    /// <param name="wrong">Messages that came twice or not in their order.</param>
    public async Task WriteAsync(int wrong)
    {
        var text = new StringBuilder();
        text.AppendLine(Format($"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, commit {await CommitAsync()}, {Machine()}."));
        text.AppendLine(
            Format(
                $"{options.Sessions} sessions, persistent messages of {options.BodyBytes} B, medians of {options.Repetitions}; doubled or out of order: {wrong}."
            )
        );
        text.AppendLine().Append(Table()).AppendLine().Append(Plot());
        Console.WriteLine();
        Console.WriteLine(text);
        if (options.Folder is { } folder)
            await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(folder).FullName, "load.md"), text.ToString());
    }

    private IEnumerable<string> Works => _measured.Select(each => each.Work).Distinct();

    /// <summary>Of several repetitions the one in the middle, by CPU.</summary>
    private (Measurement Measurement, TimeSpan[] Latencies) MedianOf(string work, string system)
    {
        var sorted = _measured.Where(each => each.Work == work && each.System == system).OrderBy(each => each.Measurement.MicrosecondsOfCpu).ToArray();
        return (sorted[sorted.Length / 2].Measurement, sorted[sorted.Length / 2].Latencies);
    }

    private Table Table()
    {
        var table = new Table("work", "system", "a second", "CPU us each", "of that", "latency p50 / p99 ms", "growth KiB each");
        foreach (var work in Works)
        {
            foreach (var system in systems)
            {
                var (measurement, latencies) = MedianOf(work, system.Name);
                table.Add(
                    work,
                    system.Name,
                    Format($"{measurement.Rate:0}"),
                    Format($"{measurement.MicrosecondsOfCpu:0}"),
                    measurement.CpuByProcess,
                    latencies.Length == 0
                        ? ""
                        : Format($"{latencies[latencies.Length / 2].TotalMilliseconds:0.0} / {latencies[latencies.Length * 99 / 100].TotalMilliseconds:0.0}"),
                    work is "connect" or "store while away" ? measurement.MemoryByProcess : ""
                );
            }
        }
        return table;
    }

    private string Plot()
    {
        var works = Works.Where(work => work.StartsWith("unicast", StringComparison.Ordinal)).ToArray();
        var text = new StringBuilder();
        text.AppendLine("```mermaid").AppendLine("xychart-beta");
        text.AppendLine(Format($"    title \"CPU a delivery, us: {string.Join(", then ", systems.Select(system => system.Name))}\""));
        text.AppendLine(Format($"    x-axis [{string.Join(", ", works.Select(work => $"\"{work}\""))}]"));
        text.AppendLine("    y-axis \"us\"");
        foreach (var system in systems)
            text.AppendLine(
                Format($"    bar [{string.Join(", ", works.Select(work => Format($"{MedianOf(work, system.Name).Measurement.MicrosecondsOfCpu:0}")))}]")
            );
        return text.AppendLine("```").ToString();
    }

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            ?? "unknown processor";
        return Format($"{Environment.ProcessorCount} cores of {model}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, shared by everything");
    }

    private static async Task<string> CommitAsync()
    {
        using var git = Process.Start(
            new ProcessStartInfo("git", ["-C", Repository.Root, "describe", "--always", "--dirty"]) { RedirectStandardOutput = true }
        )!;
        return (await git.StandardOutput.ReadToEndAsync()).Trim();
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

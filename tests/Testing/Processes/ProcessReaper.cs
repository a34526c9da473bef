using System.Diagnostics;

namespace NotifyOrleans.Testing.Processes;

/// <summary>
/// Ends what the tests started when the test process itself is killed: a shell that reads process ids from us and kills those left when its input ends.
/// </summary>
internal static class ProcessReaper
{
    private const string Script = """
        declare -A pids
        while read -r change pid; do
            if [ "$change" = add ]; then pids[$pid]=1; else unset "pids[$pid]"; fi
        done
        for pid in "${!pids[@]}"; do kill -KILL "$pid" 2>/dev/null; done
        """;

    private static readonly Lazy<Process> Shell = new(() =>
    {
        // In a session of its own, so that Ctrl-C in a terminal leaves it to do its work.
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true };
        foreach (var argument in (string[])["bash", "-c", Script])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    });

    public static void Add(int pid) => Write($"add {pid}");

    public static void Remove(int pid) => Write($"remove {pid}");

    private static void Write(string line)
    {
        lock (Shell)
        {
            Shell.Value.StandardInput.WriteLine(line);
            Shell.Value.StandardInput.Flush();
        }
    }
}

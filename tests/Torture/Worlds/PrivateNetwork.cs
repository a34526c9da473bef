using System.Diagnostics;

namespace NotifyOrleans.Torture.Worlds;

/// <summary>
/// A network namespace of the run's own, in which ports can be made unreachable. Silos and edges find each other by addresses of their own, so no proxy fits
/// between them. Needs Linux, root and iproute2.
/// </summary>
internal static class PrivateNetwork
{
    private const string Variable = "TORTURE_PRIVATE_NETWORK";

    /// <summary>Local addresses are looked up by a rule that comes before all others; put behind, it leaves room for rules that swallow.</summary>
    private const string Prepare = "ip link set lo up && ip rule add from all lookup local pref 100 && ip rule del pref 0 && exec \"$@\"";

    /// <summary>Whether this process is in one.</summary>
    public static bool IsEntered => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <summary>Runs this program again, with the same arguments, in a network of its own.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAgainInsideAsync(CancellationToken cancellationToken)
    {
        string[] program = [Environment.ProcessPath!, .. Environment.GetCommandLineArgs()];
        using var inside = Process.Start(
            new ProcessStartInfo("unshare", ["--net", "sh", "-c", Prepare, "sh", .. program]) { Environment = { [Variable] = "1" } }
        )!;
        await inside.WaitForExitAsync(cancellationToken);
        return inside.ExitCode;
    }

    /// <summary>Packets from and to a TCP port vanish, of connections that are there too; new ones cannot be opened.</summary>
    public static Task BlockAsync(int port) => ChangeAsync("add", port);

    public static Task UnblockAsync(int port) => ChangeAsync("del", port);

    private static async Task ChangeAsync(string change, int port)
    {
        foreach (var end in (string[])["sport", "dport"])
        {
            using var rule = Process.Start("ip", ["rule", change, "pref", "10", "ipproto", "tcp", end, $"{port}", "blackhole"]);
            await rule.WaitForExitAsync();
            if (rule.ExitCode != 0)
                throw new InvalidOperationException($"ip rule {change} for port {port} failed with {rule.ExitCode}");
        }
    }
}

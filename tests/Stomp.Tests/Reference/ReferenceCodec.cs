using System.Diagnostics;
using System.Text;

namespace NotifyOrleans.Stomp.Tests.Reference;

/// <summary>
/// RabbitMQ's own STOMP codec, from the server that is installed here; no broker runs. Debian 12 has 3.10.8, the version that we are compared with.
/// </summary>
internal static class ReferenceCodec
{
    private const string Plugins = "/usr/lib/rabbitmq/lib";

    /// <summary>Runs jobs, see <c>reference.escript</c>, and returns its answers in the same order.</summary>
    public static string[] Run(IEnumerable<string> jobs)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, jobs);
            var start = new ProcessStartInfo("escript", [Path.Combine(AppContext.BaseDirectory, "Reference", "reference.escript"), Ebin(), file])
            {
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"escript: {output}");
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Octets as jobs and answers write them.</summary>
    public static string Hex(ReadOnlySpan<byte> octets) => octets.IsEmpty ? "-" : Convert.ToHexString(octets);

    /// <summary>Text as jobs and answers write it.</summary>
    public static string Hex(string text) => Hex(Encoding.UTF8.GetBytes(text));

    /// <summary>A frame as jobs and answers write it.</summary>
    public static string Line(StompFrame frame) =>
        $"{Hex(frame.Command)}|{string.Join(',', frame.Headers.Select(header => $"{Hex(header.Name)}={Hex(header.Value)}"))}|{Hex(frame.Body.Span)}";

    private static string Ebin()
    {
        var folders = Directory.Exists(Plugins)
            ? Directory.GetDirectories(Plugins, "rabbitmq_server-*").SelectMany(server => Directory.GetDirectories(server, "plugins/rabbitmq_stomp-*"))
            : [];
        var plugin = folders.FirstOrDefault();
        Assert.True(plugin is not null, $"The tests need RabbitMQ's STOMP plugin: none under {Plugins} (Debian: apt-get install rabbitmq-server)");
        return Path.Combine(plugin, "ebin");
    }
}

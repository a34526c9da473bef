using System.Text.RegularExpressions;

namespace NotifyOrleans.System.Tests.Scripts;

/// <summary>A line such as <c>edge ws://127.0.0.1:8080/ws pid 4711</c>.</summary>
public sealed partial record PrintedProcess(string Kind, Uri Address, int Pid)
{
    public static IReadOnlyList<PrintedProcess> ParseAll(string output) =>
        [
            .. Line()
                .Matches(output)
                .Select(match => new PrintedProcess(match.Groups[1].Value, new Uri(match.Groups[2].Value), int.Parse(match.Groups[3].Value))),
        ];

    /// <summary>False too for one that has ended and that its parent has not noticed yet (a zombie).</summary>
    public bool IsRunning()
    {
        try
        {
            // pid (program) state ...
            return File.ReadAllText($"/proc/{Pid}/stat").Split(") ")[^1][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The name of the program that it runs.</summary>
    public string ReadProgram() => File.ReadAllText($"/proc/{Pid}/comm").TrimEnd('\n');

    [GeneratedRegex(@"^(edge|silo|broker|postgres|authority) (\S+) pid (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}

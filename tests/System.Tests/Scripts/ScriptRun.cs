using System.Diagnostics;

namespace NotifyOrleans.System.Tests.Scripts;

/// <summary>A program that was run to its end.</summary>
public sealed record ScriptRun(int ExitCode, string Output, string Errors)
{
    public static async Task<ScriptRun> RunAsync(string program, string[] arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        // To the end of both: whatever the program started must not hold them, or this waits for it.
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ScriptRun(process.ExitCode, output, await errors);
    }
}

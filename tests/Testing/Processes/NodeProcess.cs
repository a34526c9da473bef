using System.Diagnostics;
using Xunit;

namespace NotifyOrleans.Testing.Processes;

/// <summary>
/// A process that a test starts: a silo, an edge, a broker. Its output goes to a file. It inherits no file descriptor but the standard three, and ends with the
/// test.
/// </summary>
public sealed class NodeProcess : IAsyncDisposable
{
    // Descriptors that the test process itself inherited (a lock of the caller, for one) would otherwise be held as long as the started process lives.
    private const string Launcher = """
        out=$1; shift
        for fd in /proc/$$/fd/*; do fd=${fd##*/}; if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done
        exec "$@" >>"$out" 2>&1 </dev/null
        """;

    private readonly Process _process;

    private NodeProcess(string name, Process process, string outputFile) => (Name, _process, OutputFile, Id) = (name, process, outputFile, process.Id);

    public string Name { get; }

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Standard output and standard error, together.</summary>
    public string OutputFile { get; }

    public string Output => File.Exists(OutputFile) ? ReadOutput() : "";

    /// <summary>Starts a program.</summary>
    /// <param name="name">Names it in failures.</param>
    /// <param name="command">The program, a path or a name on PATH, and its arguments.</param>
    /// <param name="environment">Added to the test's own environment; a null value takes a variable away.</param>
    /// <param name="outputFile">Where its output goes; appended to.</param>
    /// <param name="folder">Its working folder.</param>
    public static NodeProcess Start(string name, string[] command, IReadOnlyDictionary<string, string?> environment, string outputFile, string? folder = null)
    {
        var start = new ProcessStartInfo("bash") { WorkingDirectory = folder ?? Path.GetTempPath() };
        foreach (var argument in (string[])["-c", Launcher, "launcher", outputFile, .. command])
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        var process = Process.Start(start)!;
        ProcessReaper.Add(process.Id);
        return new NodeProcess(name, process, outputFile);
    }

    /// <summary>Starts a project of <c>src</c> as it was built, such as <c>Silo</c>.</summary>
    public static NodeProcess StartProject(string project, IReadOnlyDictionary<string, string?> environment, string outputFile, params string[] arguments)
    {
        var assembly = Repository.AssemblyOf(project);
        return Start(project, ["dotnet", assembly, .. arguments], environment, outputFile, Path.GetDirectoryName(assembly));
    }

    /// <summary>Waits until its output holds a text; fails at once, with the output's end, when the process has ended before.</summary>
    public Task WaitForOutputAsync(string text, TimeSpan? timeout = null) =>
        WaitForAsync(() => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), $"output '{text}'", timeout);

    /// <summary>Waits for a condition that needs the process; fails at once, with the output's end, when it has ended before.</summary>
    public Task WaitForAsync(Func<Task<bool>> condition, string what, TimeSpan? timeout = null) =>
        Wait.Until(
            async () =>
            {
                var ended = HasExited;
                if (await condition())
                    return true;
                if (ended)
                    Assert.Fail($"{Name} ended with {ExitCode} before: {what}\n{Tail()}");
                return false;
            },
            () => $"{Name}: {what}\n{Tail()}",
            timeout
        );

    /// <summary>SIGKILL: the process has no say in it.</summary>
    public async Task KillAsync()
    {
        if (!HasExited)
            _process.Kill();
        await EndAsync();
    }

    /// <summary>SIGKILL to the process and to all that it has started; returns when all of them are gone.</summary>
    public async Task KillTreeAsync()
    {
        // Stopped first, so that it starts nobody whom we would miss.
        Signals.Send(Id, Signals.Stop);
        var tree = HasExited ? [] : ProcessTree.Of(Id);
        foreach (var id in tree)
            Signals.Send(id, Signals.Kill);
        await EndAsync();
        await Wait.Until(() => !tree.Any(ProcessTree.IsRunning), $"the processes that {Name} had started to end");
    }

    /// <summary>SIGTERM; fails when the process has not ended in time.</summary>
    public Task TerminateAsync(TimeSpan? timeout = null) => EndAsync(Signals.Terminate, timeout);

    /// <summary>SIGINT; fails when the process has not ended in time.</summary>
    public Task InterruptAsync(TimeSpan? timeout = null) => EndAsync(Signals.Interrupt, timeout);

    /// <summary>SIGSTOP to the process and to all that it has started: they stand still, with their sockets open, until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        Signals.Send(Id, Signals.Stop);
        foreach (var id in ProcessTree.Of(Id))
            Signals.Send(id, Signals.Stop);
    }

    /// <summary>SIGCONT, after <see cref="Pause"/>.</summary>
    public void Resume()
    {
        foreach (var id in ProcessTree.Of(Id))
            Signals.Send(id, Signals.Continue);
    }

    /// <summary>The end of <see cref="Output"/>.</summary>
    public string Tail()
    {
        const int MaxChars = 4000;
        var output = Output;
        return output.Length <= MaxChars ? output : output[^MaxChars..];
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task EndAsync(int signal, TimeSpan? timeout)
    {
        if (!HasExited)
            Signals.Send(Id, signal);
        await Wait.Until(() => HasExited, () => $"{Name} to end on signal {signal}\n{Tail()}", timeout);
        await EndAsync();
    }

    private async Task EndAsync()
    {
        await _process.WaitForExitAsync();
        ProcessReaper.Remove(Id);
    }

    private string ReadOutput()
    {
        using var reader = new StreamReader(new FileStream(OutputFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd();
    }
}

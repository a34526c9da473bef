using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace NotifyOrleans.Benchmarks.Micro;

/// <summary>How the parts are measured: in this process, as it was built, with few iterations, so that all of them take some minutes.</summary>
internal sealed class MicroConfig : ManualConfig
{
    /// <param name="folder">Where the tables go; BenchmarkDotNet's own choice when null.</param>
    public MicroConfig(string? folder)
    {
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(7));
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddExporter(MarkdownExporter.GitHub);
        AddLogger(ConsoleLogger.Default);
        if (folder is not null)
            ArtifactsPath = folder;
    }
}

using System.Diagnostics;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>A process whose CPU time and memory count.</summary>
internal sealed record MeasuredProcess(string Name, int Id)
{
    public Usage Usage
    {
        get
        {
            using var process = Process.GetProcessById(Id);
            return new Usage(process.TotalProcessorTime, process.WorkingSet64);
        }
    }
}

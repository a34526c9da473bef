namespace NotifyOrleans.Benchmarks.Load;

/// <summary>What a process has used.</summary>
/// <param name="Cpu">CPU time, user and system.</param>
/// <param name="Memory">Resident bytes.</param>
internal readonly record struct Usage(TimeSpan Cpu, long Memory);

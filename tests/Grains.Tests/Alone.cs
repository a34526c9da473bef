namespace NotifyOrleans.Grains.Tests;

/// <summary>Tests that run when no other test does, because they measure the process.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

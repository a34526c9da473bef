namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Revocations">In the order of their numbers.</param>
/// <param name="Last">The newest number that the silo knows. Lower than the one that was asked for: what is known has to be asked for from the start.</param>
/// <param name="Rules">Tells the rules that the silo has in force from others.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.RevocationPage")]
public sealed record RevocationPage([property: Id(0)] Revocation[] Revocations, [property: Id(1)] long Last, [property: Id(2)] string Rules = "");

namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Revocations">In the order of their numbers.</param>
/// <param name="Last">The newest number that the silo knows. Lower than the one that was asked for: what is known has to be asked for from the start.</param>
/// <param name="Rules">Tells the rules that the silo has in force from others.</param>
/// <param name="ForgottenBefore">The silo has forgotten revocations of which all tokens were issued before this: none of them is taken any more. Null = it has
/// forgotten nothing.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.RevocationPage")]
public sealed record RevocationPage(
    [property: Id(0)] Revocation[] Revocations,
    [property: Id(1)] long Last,
    [property: Id(2)] string Rules = "",
    [property: Id(3)] DateTimeOffset? ForgottenBefore = null
);

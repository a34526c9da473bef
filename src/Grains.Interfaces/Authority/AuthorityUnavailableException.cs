namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <summary>
/// A question to the authority could not be answered now: a store, an issuer or a silo is away, or all are too busy. It says nothing of the token.
/// </summary>
public sealed class AuthorityUnavailableException(string message) : OrleansException(message);

namespace NotifyOrleans.System.Tests.BothWays;

/// <summary>A user with a token.</summary>
/// <param name="User">The login.</param>
/// <param name="Token">What is the matter with the token.</param>
/// <param name="Passcode">The token.</param>
/// <param name="Roles">Of the token.</param>
public sealed record AccessClient(string User, TokenKind Token, string Passcode, params string[] Roles);

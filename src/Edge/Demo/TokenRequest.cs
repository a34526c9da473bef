namespace NotifyOrleans.Edge.Demo;

/// <summary>The demo page asks for a token.</summary>
/// <param name="User">Whoever it wants to be.</param>
/// <param name="Roles">Roles such as <c>service</c>; none when null.</param>
internal sealed record TokenRequest(string? User, string[]? Roles);

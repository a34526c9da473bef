namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>Who asks.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Roles">Roles in force.</param>
/// <param name="Claims">Claims in force, as <c>name=value</c>; scopes among them.</param>
public sealed record Subject(string User, IReadOnlyCollection<string> Roles, IReadOnlyCollection<string> Claims);

namespace NotifyOrleans.Grains.Authority;

/// <summary>Who asks.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Roles">Roles in force.</param>
/// <param name="Claims">Claims in force among those that rules name, as <c>name=value</c>.</param>
public sealed record Subject(string User, IReadOnlyCollection<string> Roles, IReadOnlyCollection<string> Claims);

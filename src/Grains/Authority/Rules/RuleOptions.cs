namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>A rule as it is configured: <c>Authority:Rules:N</c>. Texts throughout, so that every fault of every rule can be named at once.</summary>
public sealed class RuleOptions
{
    /// <summary>Who: a role; empty = everyone.</summary>
    public string Role { get; init; } = "";

    /// <summary>
    /// Who: <c>name=value</c> of a claim; empty = everyone. Of <see cref="Role"/>, this and <see cref="Scope"/> all that are given must hold.
    /// </summary>
    public string Claim { get; init; } = "";

    /// <summary>Who: a scope; empty = everyone.</summary>
    public string Scope { get; init; } = "";

    /// <summary><c>vhost</c>, <c>exchange</c>, <c>queue</c> or <c>topic</c>.</summary>
    public string Resource { get; init; } = "";

    /// <summary>
    /// The name of the vhost, exchange or queue (for a topic: of its exchange); <c>*</c> is any text, <c>{user}</c> the asking user, <c>{claim:NAME}</c> a
    /// claim of his.
    /// </summary>
    public string Name { get; init; } = "";

    /// <summary><c>configure</c>, <c>write</c>, <c>read</c>. A vhost is only entered and needs none.</summary>
    public PermissionList Permissions { get; init; } = [];

    /// <summary>Topics only: an AMQP pattern of routing keys; <c>{user}</c> is the asking user as one word, <c>{claim:NAME}</c> a claim of his.</summary>
    public string Key { get; init; } = "";

    /// <summary><c>Allow</c> or <c>Deny</c>.</summary>
    public string Effect { get; init; } = nameof(AccessEffect.Allow);
}

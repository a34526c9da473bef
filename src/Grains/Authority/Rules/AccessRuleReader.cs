using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>Reads rules from configuration and names every fault of them.</summary>
internal static class AccessRuleReader
{
    // Of an Erlang atom, which the broker makes of a tag.
    private const int MaxRoleLength = 255;

    /// <summary>The rule, or null when it has a fault.</summary>
    /// <param name="options">The rule as it is configured.</param>
    /// <param name="path">Where it stands in the configuration.</param>
    /// <param name="faults">Takes the faults.</param>
    public static AccessRule? Read(RuleOptions options, string path, ICollection<string> faults)
    {
        var before = faults.Count;
        CheckRole(options.Role, $"{path}:Role", faults);
        if (options.Claim.Length > 0 && (options.Claim.IndexOf('=') <= 0 || options.Claim.EndsWith('=')))
            faults.Add($"{path}:Claim: '{options.Claim}' must be name=value.");
        if (options.Scope.Any(character => character is <= ' ' or '"' or '\\' or > '~'))
            faults.Add($"{path}:Scope: '{options.Scope}' must be one scope; scopes hold no blanks (RFC 6749, 3.3).");
        if (!TryParse(options.Resource, out ResourceKind resource))
            faults.Add($"{path}:Resource: '{options.Resource}' is none of vhost, exchange, queue, topic.");
        if (!TryParse(options.Effect, out AccessEffect effect))
            faults.Add($"{path}:Effect: '{options.Effect}' is none of Allow, Deny.");
        if (options.Name.Length == 0)
            faults.Add($"{path}:Name: is empty; * is every name.");
        ReadPattern(options.Name, $"{path}:Name", faults);
        ReadPattern(options.Key, $"{path}:Key", faults);
        var permissions = ReadPermissions(options, $"{path}:Permissions", faults);
        if (permissions.Count == 0 && options.Permissions.Count == 0 && resource != ResourceKind.Vhost)
            faults.Add($"{path}:Permissions: is empty; give a list of configure, write, read.");
        if (resource == ResourceKind.Topic && options.Key.Length == 0)
            faults.Add($"{path}:Key: is empty; # is every key.");
        if (resource != ResourceKind.Topic && options.Key.Length > 0)
            faults.Add($"{path}:Key: is of topics only; the resource is '{options.Resource}'.");
        return faults.Count > before
            ? null
            : new AccessRule
            {
                Role = options.Role.Length > 0 ? options.Role : null,
                Claim = options.Claim.Length > 0 ? options.Claim : null,
                Scope = options.Scope.Length > 0 ? options.Scope : null,
                Resource = resource,
                Name = NamePattern.Parse(options.Name),
                Permissions = permissions,
                Key = options.Key.Length > 0 ? options.Key : null,
                Effect = effect,
            };
    }

    public static void CheckRole(string role, string path, ICollection<string> faults)
    {
        if (role.Length > MaxRoleLength || !role.All(character => character is > ' ' and <= '~'))
            faults.Add($"{path}: '{role}' must be up to {MaxRoleLength} printable ASCII letters, no blanks: it becomes a broker's tag.");
    }

    private static List<Permission> ReadPermissions(RuleOptions options, string path, ICollection<string> faults)
    {
        var permissions = new List<Permission>();
        foreach (var text in options.Permissions)
        {
            if (TryParse(text, out Permission permission))
                permissions.Add(permission);
            else
                faults.Add($"{path}: '{text}' is none of configure, write, read.");
        }
        return permissions;
    }

    /// <summary>Another word in braces would be taken for plain text, and the rule would match nothing.</summary>
    private static void ReadPattern(string text, string path, ICollection<string> faults)
    {
        if (!PatternTemplate.IsSound(text))
            faults.Add($"{path}: '{text}' has braces around something that is neither {{user}} nor {{claim:NAME}}.");
        if (ShortString.IsTooLong(text))
            faults.Add($"{path}: is longer than {ShortString.MaxBytes} bytes.");
    }

    private static bool TryParse<T>(string text, [NotNullWhen(true)] out T value)
        where T : struct, Enum
    {
        // Enum.TryParse takes numbers and lists too.
        value = default;
        return Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text, ignoreCase: true, out value);
    }
}

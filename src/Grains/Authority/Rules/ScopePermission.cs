using System.Diagnostics.CodeAnalysis;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>
/// A scope in RabbitMQ's form (rabbitmq_auth_backend_oauth2): <c>PERMISSION:VHOST/NAME</c> for exchanges and queues, and <c>PERMISSION:VHOST/EXCHANGE/KEY</c>
/// for these and for routing keys. In each part <c>*</c> is any text, also none, and <c>%XX</c> a byte, so that <c>%2F</c> is a slash and <c>%2A</c> a star.
/// </summary>
internal sealed class ScopePermission
{
    private readonly Permission _permission;
    private readonly Wildcard _vhost;
    private readonly Wildcard _name;

    // Null: nothing is said of keys, so none is allowed.
    private readonly Wildcard? _key;

    private ScopePermission(Permission permission, Wildcard[] parts) =>
        (_permission, _vhost, _name, _key) = (permission, parts[0], parts[1], parts.ElementAtOrDefault(2));

    /// <summary>Whether a user with these scopes may.</summary>
    /// <param name="scopes">All scopes of the user, in whatever form.</param>
    /// <param name="prefix">What those in RabbitMQ's form begin with, such as <c>rabbitmq.</c>.</param>
    /// <param name="question">What he wants.</param>
    public static bool Allow(IReadOnlyCollection<string> scopes, string prefix, AccessQuestion question)
    {
        if (scopes.Count == 0)
            return false;
        var permissions = scopes
            .Select(scope => TryParse(scope, prefix, out var permission) && permission.AppliesTo(question) ? permission : null)
            .OfType<ScopePermission>();
        if (question.Resource != ResourceKind.Topic)
            return permissions.Any();
        Wildcard[] keys = [.. permissions.Select(permission => permission._key).OfType<Wildcard>()];
        // A message has a key, in which a star is a star; whoever reads names a pattern, and what one scope leaves out another may have.
        return question.Permission == Permission.Write
            ? keys.Any(key => key.Matches(question.Key))
            : keys.Length > 0 && WildcardContainment.Holds(TopicPattern.Parse(question.Key), keys);
    }

    private static bool TryParse(string scope, string prefix, [NotNullWhen(true)] out ScopePermission? permission)
    {
        permission = null;
        if (!scope.StartsWith(prefix, StringComparison.Ordinal))
            return false;
        if (scope[prefix.Length..].Split(':', 2) is not [var verb, var resource] || PermissionNames.Find(verb) is not { } granted)
            return false;
        var parts = resource.Split('/');
        if (parts.Length is not (2 or 3))
            return false;
        try
        {
            permission = new ScopePermission(granted, Array.ConvertAll(parts, part => new Wildcard(Array.ConvertAll(part.Split('*'), Decode))));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>As in a form: <c>+</c> is a blank. (The framework's decoders leave what is wrong as it is.)</summary>
    /// <exception cref="FormatException">It is not well encoded.</exception>
    private static string Decode(string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part.Replace('+', ' '));
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '%')
            {
                bytes[length++] = bytes[i];
                continue;
            }
            if (i + 2 >= bytes.Length)
                throw new FormatException("Two digits are missing");
            bytes[length++] = Convert.FromHexString(Encoding.ASCII.GetString(bytes, i + 1, 2))[0];
            i += 2;
        }
        return Text(bytes.AsSpan(0, length));
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.Encoding.GetString(bytes);
        }
        catch (DecoderFallbackException fault)
        {
            throw new FormatException("The bytes are no UTF-8", fault);
        }
    }

    /// <summary>Entering a vhost is allowed by whatever is allowed in it.</summary>
    private bool AppliesTo(AccessQuestion question) =>
        _vhost.Matches(question.Vhost) && (question.Resource == ResourceKind.Vhost || (_permission == question.Permission && _name.Matches(question.Name)));
}

using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Authority;

/// <summary>
/// Reads questions from the parameters that RabbitMQ sends. Each reader answers null, which denies, when a parameter that it needs is missing, or one that it
/// knows stands there twice: nobody can tell which of two is meant. Unknown parameters are ignored; newer brokers send more.
/// </summary>
internal readonly struct QuestionParameters(IEnumerable<KeyValuePair<string, StringValues>> parameters)
{
    private readonly Dictionary<string, StringValues> _parameters = new(parameters, StringComparer.OrdinalIgnoreCase);

    public UserQuestion? ReadUser() =>
        TryGet("username", out var username) && TryGet("password", out var password) && TryGetOptional("vhost", out var vhost)
            ? new UserQuestion(username, password, vhost, LoginOptional: false)
            : null;

    public VhostQuestion? ReadVhost() =>
        TryGet("username", out var username) && TryGet("vhost", out var vhost) && TryGetOptional("ip", out var ip) && TryGetTags(out var tags)
            ? new VhostQuestion(username, vhost, ip, tags)
            : null;

    public ResourceQuestion? ReadResource() =>
        TryGet("username", out var username)
        && TryGet("vhost", out var vhost)
        && TryGet("resource", out var resource)
        && KindOf(resource) is { } kind
        && TryGet("name", out var name)
        && TryGet("permission", out var permission)
        && PermissionNames.Find(permission) is { } wanted
        && TryGetTags(out var tags)
            ? new ResourceQuestion(username, vhost, kind, name, wanted, tags)
            : null;

    public TopicQuestion? ReadTopic() =>
        TryGet("username", out var username)
        && TryGet("vhost", out var vhost)
        && TryGet("resource", out var resource)
        && resource == "topic"
        && TryGet("name", out var exchange)
        && TryGet("permission", out var permission)
        && PermissionNames.Find(permission) is { } wanted
        && TryGet("routing_key", out var key)
        && TryGetTags(out var tags)
            ? new TopicQuestion(username, vhost, exchange, wanted, key, tags)
            : null;

    private static ResourceKind? KindOf(string text) =>
        text switch
        {
            "exchange" => ResourceKind.Exchange,
            "queue" => ResourceKind.Queue,
            _ => null,
        };

    private bool TryGet(string name, [NotNullWhen(true)] out string? value) => TryGetOptional(name, out value) && value is not null;

    private bool TryGetOptional(string name, out string? value)
    {
        var found = _parameters.GetValueOrDefault(name);
        value = found.Count == 1 ? found[0] : null;
        return found.Count <= 1;
    }

    private bool TryGetTags(out string[] tags)
    {
        var valid = TryGetOptional("tags", out var text);
        tags = text?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return valid;
    }
}

using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Authority;

/// <summary>RabbitMQ's names of permissions, in its questions and in scopes.</summary>
public static class PermissionNames
{
    /// <summary>The permission of a name, letter for letter; null when there is none of that name.</summary>
    public static Permission? Find(string name) =>
        name switch
        {
            "configure" => Permission.Configure,
            "write" => Permission.Write,
            "read" => Permission.Read,
            _ => null,
        };
}

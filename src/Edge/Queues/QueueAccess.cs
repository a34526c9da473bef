using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Queues;

/// <summary>What RabbitMQ's STOMP plugin would do for a user in his name, with a queue and with what goes with it.</summary>
/// <param name="Queue">The queue's name, as the authority is asked about it.</param>
/// <param name="Permissions">What for.</param>
internal sealed record QueueAccess(string Queue, params Permission[] Permissions)
{
    /// <summary>The exchange that it is bound to, and the pattern; null when it is to none.</summary>
    public QueueBinding? Binding { get; init; }

    /// <summary>How it is declared, since that may name an exchange for its dead letters.</summary>
    public QueueDeclaration? Declaration { get; init; }

    /// <summary>A queue for replies, which the reference would let the broker name.</summary>
    public static QueueAccess ForReplies() => new(QueueNames.LikeServerNamed(), Permission.Configure, Permission.Read);

    /// <summary>A queue that a SEND makes.</summary>
    public static QueueAccess ForSending(string queue, QueueDeclaration declaration) => new(queue, Permission.Configure) { Declaration = declaration };

    /// <summary>Returns when the user may do all that.</summary>
    /// <exception cref="StompErrorException">He may not.</exception>
    public async Task RequireAsync(EdgeAuthority authority, Identity identity)
    {
        if (Binding is { } binding)
            await authority.RequireReadAsync(identity, binding.Exchange, binding.Key);
        var deadLetters = Declaration?.Arguments.FirstOrDefault(argument => argument.Name == StompHeaderNames.DeadLetterExchange).Text;
        await Task.WhenAll(
            authority.RequireQueueAsync(identity, Queue, deadLetters is null ? Permissions : Permissions.Append(Permission.Read).Distinct()),
            deadLetters is null ? Task.CompletedTask : authority.RequireExchangeAsync(identity, deadLetters, Permission.Write)
        );
    }
}

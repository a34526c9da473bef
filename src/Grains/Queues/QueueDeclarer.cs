using NotifyOrleans.Grains.Interfaces.Queues;
using RabbitMQ.Client;

namespace NotifyOrleans.Grains.Queues;

/// <summary>Declares queues.</summary>
internal static class QueueDeclarer
{
    /// <exception cref="RabbitMQ.Client.Exceptions.OperationInterruptedException">The broker refuses: there is one with other arguments, perhaps.</exception>
    public static Task DeclareAsync(IChannel channel, string queue, QueueDeclaration declaration, CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(
            queue,
            declaration.Durable,
            declaration.Exclusive,
            declaration.AutoDelete,
            TableOf(declaration.Arguments),
            passive: false,
            noWait: false,
            cancellationToken
        );

    /// <summary>Arguments as AMQP has them; null for none.</summary>
    public static Dictionary<string, object?>? TableOf(QueueArgument[] arguments) =>
        arguments.Length == 0
            ? null
            : arguments.ToDictionary<QueueArgument, string, object?>(argument => argument.Name, argument => argument.Text is { } text ? text : argument.Number);
}

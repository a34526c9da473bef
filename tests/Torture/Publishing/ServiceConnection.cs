using System.Text;
using NotifyOrleans.Torture.Ledgers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Torture.Publishing;

/// <summary>One microservice: publishes one message after the other, and each again, on a new connection, until the broker has confirmed it.</summary>
internal sealed class ServiceConnection(Uri broker, string name) : IAsyncDisposable
{
    public const string Source = "notifications";

    private const string RecipientsHeader = "x-recipients";

    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Completes with the broker's confirm.</summary>
    /// <param name="sequence">To whom.</param>
    /// <param name="number">Which of its messages: the body is its id.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    public async Task PublishAsync(MessageSequence sequence, int number, CancellationToken cancellationToken)
    {
        var id = $"{sequence.IdOf(number)}";
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, MessageId = id };
        if (sequence.Named.Count > 0)
            properties.Headers = new Dictionary<string, object?> { [RecipientsHeader] = string.Join(',', sequence.Named) };
        while (true)
        {
            try
            {
                var channel = await ChannelAsync(cancellationToken);
                sequence.Published(number);
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                timeout.CancelAfter(ConfirmTimeout);
                await channel
                    .BasicPublishAsync(sequence.Exchange, sequence.RoutingKey, mandatory: false, properties, Encoding.UTF8.GetBytes(id), timeout.Token)
                    .AsTask()
                    .WaitAsync(timeout.Token);
                sequence.Confirmed(number);
                return;
            }
            catch (Exception exception) when (IsOfTheBroker(exception) && !cancellationToken.IsCancellationRequested)
            {
                await CloseAsync();
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private static bool IsOfTheBroker(Exception exception) =>
        exception
            is RabbitMQClientException
                or OperationCanceledException
                or IOException
                or System.Net.Sockets.SocketException
                or TimeoutException
                or ObjectDisposedException;

    private async Task<IChannel> ChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is not null)
            return _channel;
        var factory = new ConnectionFactory
        {
            Uri = broker,
            ClientProvidedName = name,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = ConfirmTimeout,
            ContinuationTimeout = ConfirmTimeout,
        };
        // A broker that takes the connection and says nothing would be waited for without end.
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ConfirmTimeout);
        _connection = await factory.CreateConnectionAsync(timeout.Token);
        return _channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellationToken
        );
    }

    private async Task CloseAsync()
    {
        var (connection, channel) = (_connection, _channel);
        (_connection, _channel) = (null, null);
        try
        {
            // The client may wait for what never comes when the socket broke under it (rabbitmq-dotnet-client, issue 1930): nobody waits for the client.
            await CloseAsync(connection, channel).WaitAsync(CloseTimeout);
        }
        catch (Exception exception) when (IsOfTheBroker(exception))
        {
            // It is gone.
        }
    }

    private static async Task CloseAsync(IConnection? connection, IChannel? channel)
    {
        if (connection is not null)
            await connection.AbortAsync(Constants.ReplySuccess, "", TimeSpan.FromSeconds(1));
        if (channel is not null)
            await channel.DisposeAsync();
        if (connection is not null)
            await connection.DisposeAsync();
    }
}

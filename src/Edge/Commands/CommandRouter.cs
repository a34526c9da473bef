using System.Collections.Frozen;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>Gives each frame to its command's handler, then says RECEIPT or ERROR.</summary>
internal sealed partial class CommandRouter(IEnumerable<ICommandHandler> handlers, ConnectionMetrics metrics, ILogger<CommandRouter> logger)
{
    private readonly FrozenDictionary<string, ICommandHandler> _handlers = handlers
        .SelectMany(handler => handler.Commands.Select(command => KeyValuePair.Create(command, handler)))
        .ToFrozenDictionary();

    /// <summary>Completes when the session's next frame may be handled. Never throws.</summary>
    public async ValueTask HandleAsync(Session session, StompFrame frame)
    {
        var receipt = frame[StompHeaderNames.Receipt];
        try
        {
            if (!_handlers.TryGetValue(frame.Command, out var handler))
                throw new StompErrorException(session.Identity is null ? StompErrors.NotLoggedIn() : StompErrors.BadCommand(frame.Command));
            metrics.Commanded(frame.Command);
            if (session.Identity is null && handler is not ConnectHandler)
                throw new StompErrorException(StompErrors.NotLoggedIn());
            var effect = await handler.HandleAsync(session, frame);
            if (effect.Completion is { } completion)
                await BeginConfirmAsync(session, completion, effect.Bytes, receipt);
            else if (receipt is not null && handler is not (ConnectHandler or DisconnectHandler))
                session.WriteReceipt(receipt);
            effect.Behind?.Invoke();
        }
        catch (Exception exception)
        {
            session.Fail(ErrorOf(exception), receipt);
        }
    }

    /// <summary>The frame's receipt waits; the next frame does so only when too many wait already.</summary>
    private Task BeginConfirmAsync(Session session, Task completion, long bytes, string? receipt)
    {
        var room = session.Confirms.BeginAsync(bytes);
        _ = EndConfirmAsync(session, completion, bytes, receipt);
        return room;
    }

    private async Task EndConfirmAsync(Session session, Task completion, long bytes, string? receipt)
    {
        try
        {
            await completion;
            if (receipt is not null)
                session.WriteReceipt(receipt);
        }
        catch (Exception exception)
        {
            session.Fail(ErrorOf(exception), receipt);
        }
        finally
        {
            session.Confirms.End(bytes);
        }
    }

    private StompError ErrorOf(Exception exception)
    {
        switch (exception)
        {
            case StompErrorException refused:
                return refused.Error;
            case ClusterUnavailableException unavailable:
                return StompErrors.Unavailable(unavailable.Message);
            default:
                LogFailed(exception);
                return StompErrors.Internal();
        }
    }
}

using NotifyOrleans.Stomp;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>A user's session: subscribed, counting, and acknowledging if it has to.</summary>
internal sealed class LoadSession : IAsyncDisposable
{
    private readonly StompClient _client;
    private readonly int _user;
    private readonly Arrivals _arrivals;
    private readonly bool _acknowledges;
    private string? _error;
    private TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LoadSession(StompClient client, int user, Arrivals arrivals, bool acknowledges) =>
        (_client, _user, _arrivals, _acknowledges) = (client, user, arrivals, acknowledges);

    /// <summary>Opens the WebSocket, signs in and subscribes; completes with the receipt.</summary>
    public static async Task<LoadSession> ConnectAsync(MeasuredSystem system, int user, bool acknowledges, Arrivals arrivals)
    {
        var name = NameOf(user);
        var client = await StompClient.OpenAsync(system.StompAddress);
        var session = new LoadSession(client, user, arrivals, acknowledges);
        client.KeepsFrames = false;
        client.OnFrame = session.TakeAsync;
        var (login, passcode) = system.CredentialsOf(name);
        await session.AskAsync(StompCommands.Connect, ("accept-version", "1.2"), ("host", "/"), ("login", login), ("passcode", passcode));
        await session.AskAsync(
            StompCommands.Subscribe,
            ("id", "0"),
            ("destination", system.DestinationOf(name)),
            ("ack", acknowledges ? "client-individual" : "auto"),
            ("prefetch-count", "100"),
            ("receipt", "1")
        );
        return session;
    }

    public static string NameOf(int user) => $"u{user:000000}";

    /// <summary>Why the other side has ended it; null while it is open.</summary>
    public string? Ended => _client.IsEnded ? $"{_client.CloseStatus} {_client.CloseReason} {_error}" : null;

    /// <summary>Web STOMP ends a connection that has brought nothing for a minute.</summary>
    public Task HeartBeatAsync() => _client.HeartBeatAsync();

    /// <summary>Says DISCONNECT, so that the user is away.</summary>
    public async Task LeaveAsync()
    {
        await _client.SendAsync(StompCommands.Disconnect, []);
        await _client.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        await _client.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task AskAsync(string command, params (string, string)[] headers)
    {
        _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _client.SendAsync(command, headers);
        await Task.WhenAny(_answered.Task, _client.Ended);
        if (!_answered.Task.IsCompleted)
            throw new InvalidOperationException($"The connection of user {_user} has ended");
        await _answered.Task;
    }

    private Task TakeAsync(StompClient client, StompFrame frame)
    {
        switch (frame.Command)
        {
            case StompCommands.Message:
                _arrivals.Record(_user, frame.Body.Span);
                return _acknowledges ? client.AckAsync(frame) : Task.CompletedTask;
            case StompCommands.Error:
                _error = $"{frame["message"]}: {StompClient.Text(frame)}";
                _answered.TrySetException(new InvalidOperationException(_error));
                break;
            default:
                _answered.TrySetResult();
                break;
        }
        return Task.CompletedTask;
    }
}

using System.Globalization;
using System.Net.WebSockets;
using NotifyOrleans.Stomp;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.Torture.Clients;

/// <summary>One session of a device: from the WebSocket to its end.</summary>
internal sealed class DeviceSession : IAsyncDisposable
{
    // ACKs go in blocks of up to so many, the rest with the next tick.
    private const int AcksAtOnce = 5;

    private const string RetryAfterHeader = "x-retry-after";
    private const string LastReceipt = "bye";

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(5);

    private readonly Device _device;
    private readonly StompClient _client;
    private readonly DeviceSubscription[] _subscriptions;
    private readonly Queue<string> _acks = new();
    private readonly SemaphoreSlim _acking = new(1);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Task _reading = Task.CompletedTask;
    private long _beatAt;

    private DeviceSession(Device device, StompClient client)
    {
        _device = device;
        _client = client;
        _subscriptions = [.. device.Recipients.Select((recipient, index) => new DeviceSubscription($"{device.Name}-{index}", recipient, device.Name))];
        client.KeepsFrames = false;
        client.OnFrame = OnFrameAsync;
    }

    /// <summary>Completes when the connection has ended.</summary>
    public Task Ended => _client.Ended;

    public WebSocketCloseStatus? CloseStatus => _client.CloseStatus;

    /// <summary>How long the edge has asked it to stay away; null when it has not.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Connects, signs in and subscribes.</summary>
    /// <exception cref="SessionFailedException">It did not come to that.</exception>
    public static async Task<DeviceSession> OpenAsync(Device device, Uri address, string token)
    {
        DeviceSession? session = null;
        try
        {
            using var timeout = new CancellationTokenSource(AnswerTimeout);
            session = new DeviceSession(device, await StompClient.OpenAsync(address, cancellationToken: timeout.Token));
            await session.SubscribeAsync(token);
            return session;
        }
        catch (Exception exception)
            when (exception is WebSocketException or OperationCanceledException or TimeoutException or ObjectDisposedException or IOException)
        {
            if (session is not null)
                await session.DisposeAsync();
            throw new SessionFailedException(exception);
        }
    }

    /// <summary>Reads nothing until the task completes.</summary>
    public void StopReading(Task until) => _reading = until;

    /// <summary>Breaks the connection without a word.</summary>
    public void Abort() => _client.Abort();

    /// <summary>DISCONNECT, its receipt, close.</summary>
    public async Task LeaveAsync()
    {
        try
        {
            await AcknowledgeAsync();
            await _client.SendAsync(StompCommands.Disconnect, [("receipt", LastReceipt)]);
            await Task.WhenAny(_left.Task, _client.Ended).WaitAsync(AnswerTimeout);
        }
        catch (Exception exception) when (exception is WebSocketException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            // It was lost before.
        }
        _client.Abort();
    }

    /// <summary>What a client does from time to time: heart-beats, ACKs that are due; and it gives the connection up when nothing came for too long.</summary>
    public async Task TickAsync()
    {
        if (_reading.IsCompleted && _client.Silence > 2.5 * HeartBeat)
        {
            _client.Abort();
            return;
        }
        try
        {
            await AcknowledgeAsync();
            var now = Environment.TickCount64;
            if (now - _beatAt < HeartBeat.TotalMilliseconds - 1000)
                return;
            _beatAt = now;
            await _client.HeartBeatAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It was lost, and the reading side sees it too.
        }
    }

    public async ValueTask DisposeAsync() => await _client.DisposeAsync();

    private async Task SubscribeAsync(string token)
    {
        var beat = $"{HeartBeat.TotalMilliseconds}";
        await _client.SendAsync(
            StompCommands.Connect,
            [("accept-version", "1.2"), ("host", "/"), ("login", _device.User), ("passcode", token), ("heart-beat", $"{beat},{beat}")]
        );
        await AnsweredAsync(_connected.Task);
        foreach (var subscription in _subscriptions)
        {
            await subscription.SubscribeAsync(_client, _device.AckMode);
            await AnsweredAsync(subscription.Receipted);
        }
    }

    private async Task AnsweredAsync(Task answer)
    {
        if (await Task.WhenAny(answer, _client.Ended).WaitAsync(AnswerTimeout) != answer)
            throw new WebSocketException($"closed with {_client.CloseStatus}");
        await answer;
    }

    private async Task OnFrameAsync(StompClient client, StompFrame frame)
    {
        await _reading;
        switch (frame.Command)
        {
            case StompCommands.Connected:
                _connected.TrySetResult();
                break;
            case StompCommands.Receipt:
                OnReceipt(frame[StompHeaderNames.ReceiptId]);
                break;
            case StompCommands.Error:
                if (frame[RetryAfterHeader] is { } milliseconds)
                    RetryAfter = TimeSpan.FromMilliseconds(double.Parse(milliseconds, CultureInfo.InvariantCulture));
                _device.Crowd.CountError(frame["message"] ?? "");
                break;
            case StompCommands.Message:
                _subscriptions.Single(subscription => subscription.Id == frame[StompHeaderNames.Subscription]).OnMessage(frame);
                if (_device.AckMode != AckMode.Auto)
                    await AddAckAsync(frame[StompHeaderNames.Ack]!);
                break;
        }
    }

    private void OnReceipt(string? receipt)
    {
        if (Array.Find(_subscriptions, subscription => subscription.Receipt == receipt) is { } subscribed)
            subscribed.OnReceipt();
        else
            _left.TrySetResult();
    }

    private async Task AddAckAsync(string id)
    {
        bool isFull;
        lock (_acks)
        {
            _acks.Enqueue(id);
            isFull = _acks.Count >= AcksAtOnce;
        }
        if (!isFull)
            return;
        try
        {
            await AcknowledgeAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It was lost, and the reading side sees it too.
        }
    }

    private async Task AcknowledgeAsync()
    {
        await _acking.WaitAsync();
        try
        {
            string[] due;
            lock (_acks)
            {
                due = [.. _acks];
                _acks.Clear();
            }
            // In mode client one ACK covers all before it, of all subscriptions.
            foreach (var id in _device.AckMode == AckMode.Client ? due.TakeLast(1) : due)
                await _client.SendAsync(StompCommands.Ack, [("id", id)]);
        }
        finally
        {
            _acking.Release();
        }
    }
}

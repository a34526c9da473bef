using System.Buffers;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Stomp.Reading;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Edge.Connections;

/// <summary>
/// One connection: makes frames of what comes and hands them one by one to the session's commands, writes what the session says, and ends in order:
/// last frame, goodbye, the peer's answer; and at once when that takes too long.
/// </summary>
internal sealed partial class Connection : ISessionOutput, IClocked
{
    /// <summary>
    /// Bytes of the read buffer, which is held only while there is something to read. A frame that is larger is collected by the reader of frames.
    /// </summary>
    private const int ReadBytes = 4096;

    /// <summary>Milliseconds from the goodbye until the connection is cut: a peer that answers does so within one round trip.</summary>
    private const long CloseTimeout = 5000;

    /// <summary>Milliseconds from the goodbye until what is not proved to have arrived goes back, to whom it can be delivered.</summary>
    private const long ProofTimeout = 1000;

    /// <summary>Milliseconds from which on a command took so long that what the client has sent meanwhile may be late.</summary>
    private const long LongCommand = 1000;

    private static readonly byte[] HeartBeatFrame = StompServerFrames.HeartBeat.ToArray();

    private readonly ITransport _transport;
    private readonly ConnectionServices _services;
    private readonly StompFrameReader _reader = new();
    private readonly WritePump _pump;
    private readonly Session _session;
    private long _lastRead;
    private long _lastWrite;
    private long _readingSince;
    private long _closeDue = SessionClock.Never;
    private volatile bool _isReading = true;
    private CloseReason? _ending;

    public Connection(ITransport transport, ConnectionServices services)
    {
        _transport = transport;
        _services = services;
        _transport.Answered = number => _session!.Arrivals.OnAnswer(number);
        _pump = new WritePump(transport, services.Clock, services.Options.MaxQueuedBytes, services.Metrics);
        _session = new Session(this, services.Clock, services.Options, services.Metrics);
        _lastRead = _lastWrite = services.Clock.Now;
    }

    /// <summary>The conversation.</summary>
    public Session Session => _session;

    public string PeerAddress => _transport.PeerAddress;

    public string? HostName => _transport.HostName;

    public Credentials? TakeCredentials()
    {
        var credentials = _transport.Credentials;
        _transport.Credentials = null;
        return credentials;
    }

    public long LastRead => Volatile.Read(ref _lastRead);

    public long LastWrite => Volatile.Read(ref _lastWrite);

    public bool IsReading => _isReading;

    public long ReadingSince => Volatile.Read(ref _readingSince);

    public long WritingSince => _pump.WritingSince;

    /// <summary>Messages that wait to be written.</summary>
    public long WaitingMessages => _pump.WaitingMessages;

    /// <summary>Messages that were written and are not proved to have arrived.</summary>
    public long UnprovedMessages => _session.Arrivals.Count;

    public bool CanProbe => _transport.CanProbe;

    /// <summary>Whether the goodbye was said, or cannot be.</summary>
    public bool IsEnding => Volatile.Read(ref _ending) is not null;

    int IClocked.ClockSlot { get; set; } = -1;

    /// <summary>Serves the connection until its end.</summary>
    public async Task RunAsync()
    {
        _services.Metrics.Opened();
        _services.Connections.Add(this);
        WakeAt(_session.NextDue());
        try
        {
            var isLost = await ReadAsync() == ITransport.Lost;
            End(
                isLost ? CloseReasons.ConnectionLost
                    : _transport.PeerCloseCode is 1000 ? CloseReasons.ClientClosed
                    : CloseReasons.ClientWentAway,
                null
            );
        }
        catch (Exception exception)
        {
            End(ReasonOf(exception), null);
        }
        // Who writes may still find out what has arrived; if that takes long, the clock gives back.
        await _pump.Finished;
        _session.Arrivals.GiveBack();
        _services.Clock.Remove(this);
        _services.Connections.Remove(this);
        _services.Metrics.Closed(_ending!);
    }

    public void Write(byte[] frame)
    {
        Touch(ref _lastWrite);
        _pump.Add(OutgoingFrame.Of(frame), _session, Lose);
    }

    public void WriteHeartBeat()
    {
        Touch(ref _lastWrite);
        if (_pump.IsIdle)
            _pump.Add(OutgoingFrame.Of(HeartBeatFrame), _session, Lose);
    }

    public void Write(in SubscribedMessage message)
    {
        Touch(ref _lastWrite);
        _pump.Add(OutgoingFrame.Of(message), _session, Lose);
    }

    public bool HasRoom => _pump.HasRoom;

    public void Probe() => _pump.Probe(_session, Lose);

    public void WakeAt(long due)
    {
        if (IsEnding)
            return;
        _services.Clock.Schedule(this, due);
        // It may have begun to end meanwhile, and the clock holds one time for each.
        if (IsEnding)
            _services.Clock.Schedule(this, _services.Clock.Now + ProofTimeout);
    }

    public void End(CloseReason reason, byte[]? lastFrame)
    {
        if (Interlocked.CompareExchange(ref _ending, reason, null) is not null)
            return;
        // One that has closed answers nothing more.
        _session.Leave(reason, mayProve: reason != CloseReasons.ConnectionLost && _transport.PeerCloseCode is null);
        var now = _services.Clock.Now;
        Volatile.Write(ref _closeDue, now + CloseTimeout);
        _services.Clock.Schedule(this, now + ProofTimeout);
        _pump.Finish(reason, lastFrame, _session, Lose);
        if (reason == CloseReasons.ConnectionLost)
            _transport.Abort();
    }

    /// <summary>Sends the client away because the edge ends.</summary>
    /// <param name="retryAfter">How long the client is asked to wait before it connects again.</param>
    public void ShutDown(TimeSpan retryAfter) => _session.Fail(StompErrors.Shutdown(retryAfter));

    /// <summary>Sends the client away if its token is revoked.</summary>
    public void EndIfRevoked(RevocationWatch revoked)
    {
        if (_session.Identity is { } identity && revoked.Covers(identity))
            _session.Fail(StompErrors.TokenRevoked());
    }

    /// <summary>Cuts the connection.</summary>
    public void Abort() => _transport.Abort();

    long IClocked.OnDue(long now)
    {
        if (!IsEnding)
            return _session.OnDue(now);
        _session.Arrivals.GiveBack();
        var closeDue = Volatile.Read(ref _closeDue);
        if (now < closeDue)
            return closeDue;
        _transport.Abort();
        return SessionClock.Never;
    }

    /// <returns>What the transport has ended with.</returns>
    private async Task<int> ReadAsync()
    {
        while (true)
        {
            if (await _transport.ReceiveAsync(Memory<byte>.Empty) is var ending and < 0)
                return ending;
            var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
            var holdsCredentials = _session.Identity is null;
            try
            {
                var count = await _transport.ReceiveAsync(buffer);
                if (count < 0)
                    return count;
                Touch(ref _lastRead);
                if (!IsEnding)
                    await HandleAsync(buffer.AsMemory(0, count));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer, clearArray: holdsCredentials);
            }
        }
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> input)
    {
        while (!input.IsEmpty && !IsEnding)
        {
            var limits = _session.Identity is null ? _services.LimitsBeforeLogin : _services.LimitsAfterLogin;
            var rest = input.Span;
            var status = _reader.Read(ref rest, _session.Version, limits, out var frame);
            input = input[^rest.Length..];
            if (status == StompReadStatus.Fault)
            {
                _session.Fail(StompErrors.NoFrame(_reader.Fault, limits));
            }
            else if (frame is not null)
            {
                var signedIn = _session.Identity is not null;
                var started = _services.Clock.Now;
                _isReading = false;
                await _services.Router.HandleAsync(_session, frame);
                await _pump.WhenReadAsync();
                Touch(ref _lastRead);
                if (LastRead - started >= LongCommand)
                    Touch(ref _readingSince);
                _isReading = true;
                if (!signedIn && _session.Identity is not null)
                    WakeAt(_session.NextDue());
            }
        }
    }

    /// <summary>Nothing more can be written.</summary>
    private void Lose(Exception exception)
    {
        End(ReasonOf(exception), null);
        _transport.Abort();
    }

    private CloseReason ReasonOf(Exception exception)
    {
        if (exception is TransportException known)
            return known.Reason;
        LogFailed(_services.Logger, exception);
        return CloseReasons.InternalError;
    }

    private void Touch(ref long time) => Volatile.Write(ref time, _services.Clock.Now);
}

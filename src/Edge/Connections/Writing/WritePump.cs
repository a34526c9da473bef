using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Sessions;

namespace NotifyOrleans.Edge.Connections.Writing;

/// <summary>
/// Writes a connection's frames one after another. It runs while something waits; an idle connection has no task and no buffer. A frame is written by the
/// thread that brings it, as far as the network takes it at once; but a message for one session by another thread: those that are brought meanwhile leave
/// together with it.
/// </summary>
/// <param name="transport">Where the frames go.</param>
/// <param name="clock">Tells for how long a frame has been on its way.</param>
/// <param name="maxLiveBytes">Bytes of live topic messages that may wait, by a message more for each subscription.</param>
/// <param name="metrics">Counts messages.</param>
internal sealed class WritePump(ITransport transport, SessionClock clock, int maxLiveBytes, ConnectionMetrics metrics)
{
    /// <summary>
    /// Bytes of frames that are no messages (RECEIPTs, ERRORs) from which on nothing more is read: a client that asks without reading the answers waits for
    /// itself. Some thousand RECEIPTs.
    /// </summary>
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>What a frame that waits costs besides its bytes.</summary>
    private const int AnswerOverhead = 100;

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<OutgoingFrame>? _waiting;
    private TaskCompletionSource? _fewAnswers;
    private long _liveBytes;
    private long _answerBytes;
    private int _messages;
    private bool _probeWaits;
    private long _writingSince = SessionClock.Never;
    private bool _running;
    private bool _finishing;

    /// <summary>Completes when the goodbye is said, or cannot be.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Whether nothing waits and nothing is being written.</summary>
    public bool IsIdle => !Volatile.Read(ref _running);

    /// <summary>Since when a frame has been on its way; <see cref="SessionClock.Never"/> when none is.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    /// <summary>Messages that wait.</summary>
    public int WaitingMessages => Volatile.Read(ref _messages);

    /// <summary>Whether more of live topics may wait.</summary>
    public bool HasRoom => Volatile.Read(ref _liveBytes) < maxLiveBytes;

    /// <summary>Completes when few enough answers wait.</summary>
    public Task WhenReadAsync()
    {
        lock (_gate)
        {
            if (_answerBytes < MaxAnswerBytes || _finishing)
                return Task.CompletedTask;
            _fewAnswers ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _fewAnswers.Task;
        }
    }

    /// <summary>Puts a frame behind those that wait.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="session">Encodes messages, and is told what was written.</param>
    /// <param name="lost">Called, by a thread of the pool, when the connection turns out to be lost, or nothing more can be written to it.</param>
    public void Add(in OutgoingFrame frame, Session session, Action<Exception> lost)
    {
        lock (_gate)
        {
            if (_finishing)
                return;
            if (_running)
            {
                Enqueue(frame);
                return;
            }
            _running = true;
            if (frame.IsProbe)
                _probeWaits = false;
        }
        // Mostly nothing waits, and no queue is needed.
        if (frame.IsOwnMessage)
            ThreadPool.UnsafeQueueUserWorkItem(
                static start => _ = start.Pump.RunAsync(start.Frame, start.Session, start.Lost),
                (Pump: this, Frame: frame, Session: session, Lost: lost),
                preferLocal: false
            );
        else
            _ = RunAsync(frame, session, lost);
    }

    /// <summary>Puts a probe behind the frames that wait, if none waits yet.</summary>
    public void Probe(Session session, Action<Exception> lost)
    {
        lock (_gate)
        {
            if (_finishing || _probeWaits)
                return;
            _probeWaits = true;
        }
        Add(OutgoingFrame.Probe, session, lost);
    }

    /// <summary>Drops the messages that wait; after the other frames the last one and the goodbye are sent.</summary>
    public void Finish(CloseReason reason, byte[]? lastFrame, Session session, Action<Exception> lost)
    {
        OutgoingFrame first;
        lock (_gate)
        {
            if (_finishing)
                return;
            _finishing = true;
            _fewAnswers?.SetResult();
            _fewAnswers = null;
            _waiting = _waiting is null ? new Queue<OutgoingFrame>() : new Queue<OutgoingFrame>(_waiting.Where(frame => !frame.IsMessage));
            (_liveBytes, _messages) = (0, 0);
            if (lastFrame is not null)
                _waiting.Enqueue(OutgoingFrame.Of(lastFrame));
            _waiting.Enqueue(OutgoingFrame.Of(reason));
            if (_running)
                return;
            _running = true;
            _waiting.TryDequeue(out first);
        }
        _ = RunAsync(first, session, lost);
    }

    private async Task RunAsync(OutgoingFrame frame, Session session, Action<Exception> lost)
    {
        PooledBuffer? buffer = null;
        var isMore = false;
        try
        {
            do
            {
                Volatile.Write(ref _writingSince, clock.Now);
                if (frame.Goodbye is { } reason)
                {
                    if (reason.Code != 0)
                        await transport.CloseAsync(reason);
                    _finished.TrySetResult();
                }
                else if (frame.Encoded is { } answer)
                {
                    await transport.SendAsync(answer);
                }
                else if (frame.IsMessage)
                {
                    if (session.TryBegin(frame.Message, out var number))
                    {
                        buffer ??= new PooledBuffer();
                        var encoded = MessageHeads.Write(session, frame.Message, number, buffer);
                        var length = buffer.Length + encoded.Message.Tail.Length;
                        isMore = !HasNoMessages();
                        await transport.SendAsync(buffer, encoded, session.Arrivals.TryProbe(!isMore, out var probe) ? probe : null, isMore);
                        session.OnWritten(frame.Message);
                        metrics.MessageWritten(length);
                        buffer.Clear();
                    }
                }
                else if (session.Arrivals.TryProbe(isFlushed: true, out var probe))
                {
                    await transport.ProbeAsync(probe);
                }
                // The one that it waited for is gone.
                if (isMore && HasNoMessages())
                {
                    isMore = false;
                    await transport.FlushAsync();
                }
            } while (TryTake(out frame));
        }
        catch (Exception exception)
        {
            // Who has brought the frame may hold locks, and the end of a session takes others: not on his stack.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            _finished.TrySetResult();
            lost(exception);
        }
        finally
        {
            buffer?.Dispose();
        }
    }

    private static int CostOf(in OutgoingFrame frame) => frame.Encoded is { } answer ? answer.Length + AnswerOverhead : 0;

    private bool HasNoMessages()
    {
        lock (_gate)
            return _messages == 0;
    }

    private void Enqueue(in OutgoingFrame frame)
    {
        (_waiting ??= new Queue<OutgoingFrame>()).Enqueue(frame);
        _liveBytes += frame.LiveBytes;
        if (frame.IsMessage)
            _messages++;
        _answerBytes += CostOf(frame);
    }

    /// <summary>The next frame; false when there is none, and the pump has come to rest.</summary>
    private bool TryTake(out OutgoingFrame frame)
    {
        lock (_gate)
        {
            if (_waiting is null || !_waiting.TryDequeue(out frame))
            {
                frame = default;
                // The queue was made for a burst; most of the time a connection has nothing to write.
                _waiting = null;
                _running = false;
                Volatile.Write(ref _writingSince, SessionClock.Never);
                return false;
            }
            _liveBytes = Math.Max(0, _liveBytes - frame.LiveBytes);
            if (frame.IsMessage)
                _messages--;
            else if (frame.IsProbe)
                _probeWaits = false;
            _answerBytes = Math.Max(0, _answerBytes - CostOf(frame));
            if (_answerBytes < MaxAnswerBytes)
            {
                _fewAnswers?.SetResult();
                _fewAnswers = null;
            }
            return true;
        }
    }
}

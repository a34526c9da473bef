using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Connections.Tcp;

/// <summary>STOMP over a socket, plain or under TLS. It has no ping and no close code: see decision 0020.</summary>
internal sealed class TcpTransport : ITransport
{
    private readonly ConnectionContext _context;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly SslStream? _tls;
    private readonly SocketProgress? _progress;
    private readonly SocketProbes? _probes;

    public TcpTransport(ConnectionContext context)
    {
        _context = context;
        (_input, _output) = (context.Transport.Input, context.Transport.Output);
        _tls = context.Features.Get<ISslStreamFeature>()?.SslStream;
        PeerAddress = PeerAddresses.Of(context.RemoteEndPoint);
        _progress = context.Features.Get<SocketProgress>();
        _probes = _progress is null ? null : new SocketProbes(_progress);
    }

    public string PeerAddress { get; }

    /// <summary>Nothing tells it: Kestrel looks for a name in TLS only to choose among certificates.</summary>
    public string? HostName => null;

    public Credentials? Credentials { get; set; }

    /// <summary>There are no codes: who ends without DISCONNECT went away, and may come again.</summary>
    public int? PeerCloseCode => null;

    public bool CanProbe => _probes is not null;

    public Action<long>? Answered
    {
        set
        {
            if (_probes is not null)
                _probes.Answered = value;
        }
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            var read = await _input.ReadAsync();
            if (read.Buffer.IsEmpty && read.IsCompleted)
                return ITransport.Ended;
            var taken = read.Buffer.Slice(0, Math.Min(buffer.Length, read.Buffer.Length));
            taken.CopyTo(buffer.Span);
            var count = (int)taken.Length;
            _input.AdvanceTo(taken.End);
            return count;
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return ITransport.Lost;
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> frame) => SendAsync(frame, probe: null, isMore: false);

    public ValueTask SendAsync(PooledBuffer head, EncodedMessage message, long? probe, bool isMore)
    {
        head.Write(message.Message.Tail.Span);
        return SendAsync(head.Written, probe, isMore);
    }

    public ValueTask FlushAsync() => SendAsync(default, probe: null, isMore: false);

    public ValueTask ProbeAsync(long number)
    {
        if (_output.UnflushedBytes > 0)
            return SendAsync(default, number, isMore: false);
        // At once: a client that has said goodbye may be gone before anything else is done, and what it has got would go back.
        _probes!.Ask(number);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// The last frame was the goodbye, and may wait for more to leave with it. The sending direction ends when the peer's kernel has everything: a socket that
    /// is closed with unread input would be reset, and the reset could overtake the last frame.
    /// </summary>
    public async ValueTask CloseAsync(CloseReason reason)
    {
        await FlushAsync();
        try
        {
            if (_progress is null)
            {
                await _output.CompleteAsync();
                return;
            }
            if (_tls is not null)
                await _tls.ShutdownAsync();
            await _probes!.WhenAllArrivedAsync();
            _progress.EndSending();
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            throw new TransportException(CloseReasons.ConnectionLost, exception);
        }
        finally
        {
            await LookAsync();
        }
    }

    public void Abort() => _context.Abort();

    private async ValueTask SendAsync(ReadOnlyMemory<byte> frame, long? probe, bool isMore)
    {
        try
        {
            // A probe asks about what has gone to the socket: nothing may wait then.
            if (isMore && probe is null && _output.UnflushedBytes + frame.Length <= SocketWriter.MaxTogether)
                _output.Write(frame.Span);
            else if ((await _output.WriteAsync(frame)).IsCompleted)
                throw new IOException("The connection has ended");
            if (probe is { } number)
                _probes!.Ask(number);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            await LookAsync();
            throw new TransportException(CloseReasons.ConnectionLost, exception);
        }
    }

    /// <summary>The socket is about to go: what has arrived must not go back only because nobody has looked yet.</summary>
    private async ValueTask LookAsync()
    {
        if (_probes is null)
            return;
        // Who has brought what is written may hold locks, and settling takes others: not on his stack.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _probes.LookAsync();
    }

    private static bool IsLoss(Exception exception) =>
        exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}

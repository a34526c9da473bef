using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Tcp;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Stomp;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Connections.Tcp;

/// <summary>What a probe proves of what was sent over a socket.</summary>
public sealed class TcpTransportTests : IAsyncLifetime, IConnectionSocketFeature
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly DefaultConnectionContext _connection = new();
    private readonly Socket _peer = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly PooledBuffer _frame = new();
    private Socket _own = null!;
    private SocketProgress _progress = null!;
    private TcpTransport _transport = null!;

    Socket IConnectionSocketFeature.Socket => _own;

    public async Task InitializeAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await _peer.ConnectAsync(listener.LocalEndPoint!);
        _own = await listener.AcceptAsync();
        var (input, output) = (new Pipe(), new Pipe());
        _connection.Transport = new DuplexPipe(input.Reader, output.Writer);
        _connection.Features.Set<IConnectionSocketFeature>(this);
        SocketWriter.Install(_connection);
        SocketProgress.Install(_connection);
        _progress = _connection.Features.Get<SocketProgress>()!;
        _transport = new TcpTransport(_connection);
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        _frame.Dispose();
        _own.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public async Task Probe_BehindAMessageThatWaitsForMore_ProvesItWhenItHasArrived()
    {
        var answer = new TaskCompletionSource<(long Number, int Arrived)>(TaskCreationOptions.RunContinuationsAsynchronously);
        _transport.Answered = number => answer.TrySetResult((number, _peer.Available));
        await SendToWaitAsync();
        Assert.Equal((0, 0), (_progress.Written, _peer.Available));

        await _transport.ProbeAsync(7);

        Assert.Equal(_frame.Length, _progress.Written);
        Assert.Equal((7, _frame.Length), await answer.Task.WaitAsync(Timeout));
    }

    [Fact]
    public async Task Close_WhileAMessageWaitsForMore_SendsItBefore()
    {
        await SendToWaitAsync();

        await _transport.CloseAsync(CloseReasons.Disconnect);

        var received = new byte[1024];
        Assert.Equal(_frame.Length, await _peer.ReceiveAsync(received).WaitAsync(Timeout));
        Assert.Equal(0, await _peer.ReceiveAsync(received).WaitAsync(Timeout));
    }

    [Fact]
    public async Task Close_AnswersWhatHasArrived_BeforeItCompletes()
    {
        long? answered = null;
        _transport.Answered = number => answered = number;
        await _transport.SendAsync("frame"u8.ToArray());
        await _transport.ProbeAsync(7);

        await _transport.CloseAsync(CloseReasons.Disconnect);

        Assert.Equal(7, answered);
    }

    [Fact]
    public async Task Close_OfAClientThatHasReset_AnswersWhatHadArrived()
    {
        long? answered = null;
        _transport.Answered = number => answered = number;
        await AskAboutAFrameBeforeAResetAsync();

        await _transport.CloseAsync(CloseReasons.Disconnect);

        Assert.Equal(7, answered);
    }

    [Fact]
    public async Task Send_ToAClientThatHasReset_AnswersWhatHadArrived_BeforeItFails()
    {
        long? answered = null;
        _transport.Answered = number => answered = number;
        await AskAboutAFrameBeforeAResetAsync();

        await Assert.ThrowsAsync<TransportException>(async () => await _transport.SendAsync("receipt"u8.ToArray()));

        Assert.Equal(7, answered);
    }

    private async Task AskAboutAFrameBeforeAResetAsync()
    {
        await _transport.SendAsync("frame"u8.ToArray());
        await Wait.Until(() => _progress.TryGetAcked(out var acked) && acked == _progress.Written, "the frame has arrived");
        _peer.Close(0);
        await _transport.ProbeAsync(7);
    }

    private ValueTask SendToWaitAsync()
    {
        var message = new OutgoingMessage(
            new Notification
            {
                Exchange = "e",
                RoutingKey = "k",
                Body = Encoding.ASCII.GetBytes("body"),
            }
        ).Encode(StompVersion.V12);
        return _transport.SendAsync(_frame, message, probe: null, isMore: true);
    }
}

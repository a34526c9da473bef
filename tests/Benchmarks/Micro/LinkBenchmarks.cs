using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Benchmarks.Micro;

/// <summary>The link alone: messages of 300 B pushed to an edge over TCP, batched as they come, until the edge has answered the last.</summary>
public class LinkBenchmarks
{
    private const int Messages = 5000;

    private static readonly Notification Message = new()
    {
        Exchange = "notifications",
        RoutingKey = "user.alice",
        Body = new byte[300],
        Persistent = true,
    };

    private readonly TemporaryFolder _folder = new();
    private TestSilo _silo = null!;
    private ScriptedEdge _edge = null!;
    private IEdgeLink _link = null!;
    private long _number;
    private long _received;
    private TaskCompletionSource? _complete;
    private long _awaited;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _silo = await TestSilo.StartAsync(_folder.Path);
        _edge = await ScriptedEdge.StartAsync(_silo);
        _edge.OnPush = TakeAsync;
        _link = _silo.Services.GetRequiredService<IEdgeLinks>().Find(_edge.Name)!;
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _edge.DisposeAsync();
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public Task PushAsync()
    {
        _complete = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited = _received + Messages;
        for (var count = 0; count < Messages; count++)
            _link.Push(0, new MailboxPush(1, "alice", 1, new Place(1, ++_number), false, 0, Message));
        return _complete.Task;
    }

    private Task<PushReply> TakeAsync(PushBatch batch)
    {
        _received += batch.Mailbox.Length;
        if (_received >= _awaited)
            _complete!.TrySetResult();
        return Task.FromResult(PushReply.Accepted);
    }
}

using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Tests.Commands;

/// <summary>What becomes of a transaction's other actions when one of them fails.</summary>
public sealed class TransactionHandlerTests : IDisposable
{
    private static readonly StompFrame Commit = new(StompCommands.Commit, [new StompHeader(StompHeaderNames.Transaction, "t")], default);

    private readonly LoneEdge _edge = new();
    private readonly List<string> _done = [];
    private readonly Session _session;

    public TransactionHandlerTests()
    {
        _session = _edge.SignIn(new Output());
        _session.Transactions.Begin("t");
    }

    public void Dispose() => _edge.Dispose();

    [Fact]
    public async Task Commit_WithAnActionThatFails_DoesTheOthers_AndWaitsForTheirConfirms()
    {
        var fault = new StompErrorException(StompErrors.UnknownMessage(1));
        var (before, behind) = (new TaskCompletionSource(), new TaskCompletionSource());
        Add("before", () => new Effect(before.Task, Bytes: 10));
        Add("at fault", () => throw fault);
        Add("behind", () => new Effect(behind.Task, Bytes: 5));
        Add("last", () => Effect.Done);

        var effect = await new TransactionHandler().HandleAsync(_session, Commit);

        Assert.Equal(["before", "at fault", "behind", "last"], _done);
        Assert.Equal(15, effect.Bytes);
        before.SetResult();
        Assert.False(effect.Completion!.IsCompleted);
        behind.SetResult();
        Assert.Same(fault, await Assert.ThrowsAnyAsync<Exception>(() => effect.Completion));
    }

    [Fact]
    public async Task Commit_WithAnActionThatEndsTheSession_DoesNothingBehindIt_AndWaitsForWhatWasSentBefore()
    {
        foreach (
            var fault in new Exception[]
            {
                new StompErrorException(StompErrors.Unavailable("")),
                new ClusterUnavailableException(""),
                new InvalidOperationException(),
            }
        )
        {
            _done.Clear();
            _session.Transactions.Begin("t");
            var before = new TaskCompletionSource();
            Add("before", () => new Effect(before.Task, Bytes: 10));
            Add("at fault", () => throw fault);
            Add("behind", () => Effect.Done);

            var effect = await new TransactionHandler().HandleAsync(_session, Commit);

            Assert.Equal(["before", "at fault"], _done);
            Assert.Equal(10, effect.Bytes);
            Assert.False(effect.Completion!.IsCompleted);
            before.SetResult();
            Assert.Same(fault, await Assert.ThrowsAnyAsync<Exception>(() => effect.Completion));
        }
    }

    [Fact]
    public async Task Commit_OfASessionThatEndsMeanwhile_DoesNothingMore()
    {
        Add("last", () =>
        {
            _session.Leave(CloseReasons.ConnectionLost, mayProve: false);
            return Effect.Done;
        });
        Add("behind", () => Effect.Done);

        await new TransactionHandler().HandleAsync(_session, Commit);

        Assert.Equal(["last"], _done);
    }

    private void Add(string name, Func<Effect> action) =>
        _session.Transactions.Add(
            "t",
            () =>
            {
                _done.Add(name);
                return ValueTask.FromResult(action());
            },
            bytes: 1
        );

    private sealed class Output : SilentOutput;
}

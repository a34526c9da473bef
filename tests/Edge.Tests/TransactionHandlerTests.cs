using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Tests;

/// <summary>What becomes of a transaction's other actions when one of them fails.</summary>
public sealed class TransactionHandlerTests : IDisposable
{
    private static readonly Exception[] Faults =
    [
        new StompErrorException(StompErrors.UnknownMessage(1)),
        new ClusterUnavailableException("Tokens cannot be checked now"),
        new InvalidOperationException("a fault of our own"),
    ];

    private static readonly StompFrame Commit = new(StompCommands.Commit, [new StompHeader(StompHeaderNames.Transaction, "t")], default);

    private readonly LoneEdge _edge = new();

    public void Dispose() => _edge.Dispose();

    [Fact]
    public async Task Commit_WithAnActionThatFails_DoesTheOthers_AndWaitsForTheirConfirms()
    {
        foreach (var fault in Faults)
        {
            var session = _edge.SignIn(new Output());
            var (before, behind) = (new TaskCompletionSource(), new TaskCompletionSource());
            List<string> done = [];
            session.Transactions.Begin("t");
            Add("before", () => new Effect(before.Task, Bytes: 10));
            Add("at fault", () => throw fault);
            Add("behind", () => new Effect(behind.Task, Bytes: 5));
            Add("last", () => Effect.Done);

            var effect = await new TransactionHandler().HandleAsync(session, Commit);

            Assert.Equal(["before", "at fault", "behind", "last"], done);
            Assert.Equal(15, effect.Bytes);
            before.SetResult();
            Assert.False(effect.Completion!.IsCompleted);
            behind.SetResult();
            Assert.Same(fault, await Assert.ThrowsAnyAsync<Exception>(() => effect.Completion));

            void Add(string name, Func<Effect> action) => session.Transactions.Add(
                "t",
                () =>
                {
                    done.Add(name);
                    return ValueTask.FromResult(action());
                },
                bytes: 1);
        }
    }

    private sealed class Output : SilentOutput;
}

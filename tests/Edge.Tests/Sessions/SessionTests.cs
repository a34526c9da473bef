using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Tests.Sessions;

/// <summary>Subscriptions of a session that two end at a time: its client, the silo, the review of rules. At an edge without silos.</summary>
public sealed class SessionTests : IDisposable
{
    private static readonly SubscriptionId Id = new("1", "T_1", "id='1'");

    private readonly LoneEdge _edge = new();
    private readonly Session _session;
    private readonly RegistrationTable _registrations;

    public SessionTests() => (_session, _registrations) = (_edge.SignIn(new Output()), _edge.Registrations());

    /// <summary>Half of what is left for windows: all that one subscription can have.</summary>
    private int Room
    {
        get
        {
            var room = _session.Window.Take(int.MaxValue);
            _session.Window.Return(room);
            return room;
        }
    }

    public void Dispose() => _edge.Dispose();

    [Fact]
    public void Remove_OfOneThatHasGone_LeavesTheNextOneOfItsName()
    {
        var (former, next) = (Feed(1), Feed(2));
        Assert.True(_session.TryAdd(former));
        _session.Remove(former);
        Assert.True(_session.TryAdd(next));

        _session.Remove(former);

        Assert.True(_session.TryFind(Id, out var found), "the next one has gone");
        Assert.Same(next, found);
    }

    [Fact]
    public void Remove_OfOneThatWasCancelled_GivesItsWindowBackOnce()
    {
        var room = Room;
        var feed = Feed(1);
        Assert.True(_session.TryAdd(feed));
        Assert.NotEqual(room, Room);

        _session.Cancel(feed, StompErrors.SubscriptionCancelled(Id));
        _session.Remove(feed);

        Assert.Equal(room, Room);
    }

    private MailboxFeed Feed(long number) =>
        new(
            _session,
            Id,
            AckMode.Auto,
            new MailboxSubscription(number, "alice", "notifications", "user.alice.#", MaxMessages: 1, _session.Window.Take(1000), Lane: 0),
            _registrations
        );

    private sealed class Output : SilentOutput;
}

using NotifyOrleans.Grains.Tests.Hosting;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>Somebody sets the machine's clock while messages are under way.</summary>
public sealed class SetClockTests : SiloWithEdge
{
    private readonly SettableClock _clock = new();

    internal override Task<TestSilo> StartSiloAsync(string folder) => TestSilo.StartAsync(folder, time: _clock);

    [Fact]
    public async Task Message_ThatWaitsWhenItIsSetBack_IsStoredInTime()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await ReceivedAsync(1);

        // Not by more than grains are kept when they are idle, 15 minutes here: Orleans then activates none until the clock has caught up.
        _clock.Set(TimeSpan.FromMinutes(-10));

        await SettledAsync(1);
        Assert.Equal(1, (await TallyAsync("alice")).Messages);
    }

    [Fact]
    public async Task MessageId_WhenItIsSetAhead_IsStillKnown()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", messageId: "m"));
        await Edge.SettleAsync(await ReceivedAsync(1));
        await SettledAsync(1);

        _clock.Set(TimeSpan.FromHours(1));
        await Silo.OfferAsync("alice", 0, Offer(2, "alice", messageId: "m"), Offer(3, "alice"));

        await ReceivedAsync(2);
        AssertBodies("1", "3");
    }

    private sealed class SettableClock : TimeProvider
    {
        private long _ticks;

        public void Set(TimeSpan offset) => Volatile.Write(ref _ticks, offset.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _ticks));
    }
}

using System.Text;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Silo.Events;

namespace NotifyOrleans.Silo.Tests.Events;

public sealed class EventMessageTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 25, 20, 0, 0, 5, TimeSpan.Zero);

    private static readonly UndeliveredEvent Undelivered = new(
        "42",
        Messages: 3,
        Bytes: 1234,
        Dropped: 1,
        Oldest: At,
        DueAt: At.ToUnixTimeMilliseconds() + 60_000
    );

    [Fact]
    public void Undelivered_HasTheFormOfTheDocs()
    {
        var message = EventMessage.Of(Undelivered, "notify.undelivered");

        Assert.Equal(("notify.undelivered", "user.42"), (message.Exchange, message.Key));
        Assert.Equal("""{"user":"42","messages":3,"bytes":1234,"dropped":1,"oldest":"2026-11-25T20:00:00.005Z"}""", Encoding.UTF8.GetString(message.Body));
        Assert.Equal(("undelivered", "application/json", true), (message.Properties.Type, message.Properties.ContentType, message.Properties.Persistent));
        Assert.Equal(At.ToUnixTimeSeconds() + 60, message.Properties.Timestamp.UnixTime);
        Assert.Null(message.Properties.Headers);
    }

    [Fact]
    public void Undelivered_ToldAgain_HasTheSameId_AndNoOtherHas()
    {
        var id = IdOf(Undelivered);

        Assert.Equal(id, IdOf(Undelivered with { Messages = 4 }));
        Assert.NotEqual(id, IdOf(Undelivered with { DueAt = Undelivered.DueAt + 1 }));
        Assert.NotEqual(id, IdOf(Undelivered with { User = "43" }));
        Assert.DoesNotContain("alice", IdOf(Undelivered with { User = "alice" }));

        static string? IdOf(UndeliveredEvent undelivered) => EventMessage.Of(undelivered, "e").Properties.MessageId;
    }

    [Theory]
    [InlineData(true, "user.a%2Eb.online", """{"user":"a.b","state":"online","at":"2026-11-25T20:00:00.005Z"}""")]
    [InlineData(false, "user.a%2Eb.offline", """{"user":"a.b","state":"offline","at":"2026-11-25T20:00:00.005Z"}""")]
    public void Presence_HasTheFormOfTheDocs(bool isOnline, string key, string body)
    {
        var message = EventMessage.Of(new PresenceEvent("a.b", isOnline, At), "notify.presence");

        Assert.Equal((key, body, "presence"), (message.Key, Encoding.UTF8.GetString(message.Body), message.Properties.Type));
    }

    [Fact]
    public void Key_UserDoesNotFit_IsLeftOut() => Assert.Equal("user", EventMessage.Of(Undelivered with { User = new string('x', 251) }, "e").Key);
}

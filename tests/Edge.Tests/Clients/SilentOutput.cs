using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Tests.Clients;

/// <summary>A session's connection on which nothing happens; a test looks at what it overrides.</summary>
internal abstract class SilentOutput : ISessionOutput
{
    public string PeerAddress => PeerAddresses.None;

    public string? HostName => null;

    public long LastRead => 0;

    public long LastWrite => 0;

    public virtual bool IsReading => true;

    public long ReadingSince => 0;

    public long WritingSince => SessionClock.Never;

    public virtual bool CanProbe => false;

    public bool HasRoom => true;

    public Credentials? TakeCredentials() => null;

    public virtual void Probe() { }

    public virtual void WakeAt(long due) { }

    public void Write(byte[] frame) { }

    public void WriteHeartBeat() { }

    public virtual void Write(in SubscribedMessage message) { }

    public virtual void End(CloseReason reason, byte[]? lastFrame) { }
}

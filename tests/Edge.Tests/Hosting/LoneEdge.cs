using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>The parts of an edge that a session needs, without silos, without a network, and by a clock of the test's own.</summary>
internal sealed class LoneEdge : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public LoneEdge()
    {
        LinkMetrics = new LinkMetrics(Meters);
        EdgeIdentity = new EdgeIdentity(LinksOptions);
        Clock = new SessionClock(Time, NullLogger<SessionClock>.Instance);
        Links = new LinkTable(EdgeIdentity, Topics, LinksOptions, LinkMetrics, TimeProvider.System, NullLogger<SiloLink>.Instance);
    }

    public FakeTimeProvider Time { get; } = new();

    public SessionClock Clock { get; }

    public IOptions<LinksOptions> LinksOptions { get; } = Options.Create(new LinksOptions());

    public LinkMetrics LinkMetrics { get; }

    public EdgeIdentity EdgeIdentity { get; }

    public TopicTable Topics { get; } = new();

    public LinkTable Links { get; }

    /// <summary>What a connection needs that takes no commands.</summary>
    public ConnectionServices Connections
    {
        get
        {
            var metrics = new ConnectionMetrics(Meters);
            var router = new CommandRouter([], metrics, NullLogger<CommandRouter>.Instance);
            return new ConnectionServices(
                Options.Create(new StompOptions()),
                Clock,
                router,
                new ConnectionTable(Meters),
                metrics,
                NullLogger<Connection>.Instance
            );
        }
    }

    /// <summary>Mailbox feeds, of which no shard is told.</summary>
    public RegistrationTable Registrations() =>
        new(null!, Links, EdgeIdentity, LinksOptions, LinkMetrics, TimeProvider.System, NullLogger<ShardRegistrations>.Instance);

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>A session of alice.</summary>
    /// <param name="output">Its connection.</param>
    /// <param name="heartBeat">What was agreed.</param>
    public Session SignIn(ISessionOutput output, StompHeartBeat heartBeat = default)
    {
        var session = new Session(output, Clock, new StompOptions(), new ConnectionMetrics(Meters));
        SignIn(session, heartBeat);
        return session;
    }

    /// <summary>A session becomes alice's.</summary>
    public static void SignIn(Session session, StompHeartBeat heartBeat = default) =>
        session.SignIn(new Identity("alice", "/", [], ExpiresAt: null, TokenId: "", IssuedAt: null), StompVersion.V12, heartBeat);

    public void Dispose()
    {
        Clock.Dispose();
        _services.Dispose();
    }
}

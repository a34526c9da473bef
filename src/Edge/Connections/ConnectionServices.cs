using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Edge.Connections;

/// <summary>What all connections share, in one object: each of them holds a single reference.</summary>
internal sealed class ConnectionServices(
    IOptions<StompOptions> options,
    SessionClock clock,
    CommandRouter router,
    ConnectionTable connections,
    ConnectionMetrics metrics,
    ILogger<Connection> logger
)
{
    public StompOptions Options { get; } = options.Value;

    public StompLimits LimitsBeforeLogin { get; } = options.Value.LimitsBeforeLogin();

    public StompLimits LimitsAfterLogin { get; } = options.Value.LimitsAfterLogin();

    public SessionClock Clock => clock;

    public CommandRouter Router => router;

    public ConnectionTable Connections => connections;

    public ConnectionMetrics Metrics => metrics;

    public ILogger Logger => logger;
}

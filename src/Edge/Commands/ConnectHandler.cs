using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Refusals;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Edge.Commands;

/// <summary>CONNECT, or STOMP: version, virtual host, heart-beats, and who it is.</summary>
internal sealed class ConnectHandler(
    EdgeAuthority authority,
    RevocationWatch revoked,
    AccessReview review,
    RefusalLimits refusals,
    BrokerAddress broker,
    IOptions<StompOptions> options
) : ICommandHandler
{
    private readonly HashSet<string> _hostNames = new(options.Value.HostNames, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> Commands { get; } = [StompCommands.Connect, StompCommands.Stomp];

    public async ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        var before = session.TakeCredentials();
        try
        {
            await SignInAsync(session, frame, before);
            return Effect.Done;
        }
        catch (StompErrorException refused) when (refused.Error.Closing == CloseReasons.LoginRefused)
        {
            await refusals.WaitAsync(session.PeerAddress, LoginOf(frame, before));
            throw;
        }
    }

    private async Task SignInAsync(Session session, StompFrame frame, Credentials? before)
    {
        if (session.Identity is not null)
            throw new StompErrorException(StompErrors.AlreadyLoggedIn());
        if (!StompVersions.TryNegotiate(frame[StompHeaderNames.AcceptVersion], out var version))
            throw new StompErrorException(StompErrors.VersionMismatch());
        if (!StompHeartBeat.TryParse(frame[StompHeaderNames.HeartBeat], out var heartBeat))
            throw new StompErrorException(StompErrors.BadHeartBeat());

        var (login, passcode) = CredentialsOf(frame, before);
        var host = frame[StompHeaderNames.Host];
        if (!MeansDefaultVhost(host, session.HostName))
            throw new StompErrorException(StompErrors.VhostRefused(host!));

        var rules = review.Rules;
        var user = await authority.SignInAsync(login, passcode, broker.Vhost, session.PeerAddress);
        if (!user.Allowed)
            throw new StompErrorException(StompErrors.LoginRefused(login));
        if (!user.MayEnter)
            throw new StompErrorException(StompErrors.VhostRefused(broker.Vhost));
        var identity = new Identity(user.User, broker.Vhost, user.Tags, user.ExpiresAt, user.TokenId, user.IssuedAt, user.TextId);
        session.SignIn(identity, version, heartBeat.Answer());
        // What was heard of while the authority was asked has passed this session over.
        if (revoked.Covers(identity))
            throw new StompErrorException(StompErrors.TokenRevoked());
        if (review.Rules != rules)
            await review.ReviewAsync([session]);
    }

    /// <summary>Who somebody said he is, whether his credentials are complete or not.</summary>
    private static string LoginOf(StompFrame frame, Credentials? before) =>
        frame[StompHeaderNames.Login] switch
        {
            { Length: > 0 } login => login,
            _ => frame[StompHeaderNames.Passcode] is { Length: > 0 } ? "" : before?.Login ?? "",
        };

    /// <summary>
    /// Those of the frame; without a passcode in it those of the upgrade, whose login, if it has one, must then be the frame's, if that has one.
    /// </summary>
    private static Credentials CredentialsOf(StompFrame frame, Credentials? before)
    {
        var login = frame[StompHeaderNames.Login] ?? "";
        if (frame[StompHeaderNames.Passcode] is { Length: > 0 } passcode)
            return new Credentials(login, passcode);
        // No guest: who says nothing is nobody.
        if (before is null)
            throw new StompErrorException(StompErrors.MissingPasscode());
        if (login.Length > 0 && before.Login.Length > 0 && login != before.Login)
            throw new StompErrorException(StompErrors.LoginRefused(login));
        return login.Length > 0 ? before with { Login = login } : before;
    }

    /// <summary>
    /// Whether <c>host</c> means the one virtual host that is served. Many clients send the name or address that they connected to.
    /// </summary>
    private bool MeansDefaultVhost(string? host, string? connectedTo) =>
        host is null or "" or "/"
        || host == broker.Vhost
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals(connectedTo, StringComparison.OrdinalIgnoreCase)
        || _hostNames.Contains(host)
        || IsAddress(host);

    /// <summary>Of IPv4 as everybody writes it: <c>1</c> and <c>0x7f</c> are addresses too, but more likely names of virtual hosts.</summary>
    private static bool IsAddress(string host) =>
        IPAddress.TryParse(host, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == host);
}

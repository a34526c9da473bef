using System.Text;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Authority;

/// <summary>
/// A SEND to <c>/notify/token</c>, whose body is a new token of the same user: the session goes on with it. Its subscriptions stay, but for those that the new
/// token does not allow.
/// </summary>
internal sealed class TokenRefresh(EdgeAuthority authority, RevocationWatch revoked, AccessReview review)
{
    /// <summary>The destination. No exchange or queue has it: it begins as none of the reference's does.</summary>
    public const string Destination = "/notify/token";

    /// <summary>Returns when the session has the new token.</summary>
    /// <exception cref="StompErrorException">It does not; the session ends.</exception>
    public async Task RefreshAsync(Session session, StompFrame frame)
    {
        if (frame[StompHeaderNames.Transaction] is not null)
            throw new StompErrorException(StompErrors.HeaderNotAllowed(StompHeaderNames.Transaction, $"{StompCommands.Send} {Destination}"));
        var current = session.Identity!;
        var user = await authority.SignInAsync(current.User, TokenOf(frame), current.Vhost, session.PeerAddress);
        if (!user.Allowed || !user.MayEnter)
            throw new StompErrorException(StompErrors.RefreshRefused());
        var identity = current with { Tags = user.Tags, ExpiresAt = user.ExpiresAt, TokenId = user.TokenId, IssuedAt = user.IssuedAt, TextId = user.TextId };
        session.Renew(identity);
        // What was heard of while the authority was asked has looked at the former token.
        if (revoked.Covers(identity))
            throw new StompErrorException(StompErrors.TokenRevoked());
        await review.ReviewAsync([session]);
    }

    private static string TokenOf(StompFrame frame)
    {
        try
        {
            // Whoever types it into a frame may have a line end behind it.
            return StrictUtf8.Encoding.GetString(frame.Body.Span).Trim();
        }
        catch (DecoderFallbackException)
        {
            throw new StompErrorException(StompErrors.RefreshRefused());
        }
    }
}

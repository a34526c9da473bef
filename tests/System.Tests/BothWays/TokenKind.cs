namespace NotifyOrleans.System.Tests.BothWays;

public enum TokenKind
{
    Good,
    Expired,
    Tampered,
    OfAnotherAudience,
    OfAnotherUser,
    Garbage,
    RevokedByUser,
    RevokedById,
    RevokedByTime,
}

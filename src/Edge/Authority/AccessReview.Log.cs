namespace NotifyOrleans.Edge.Authority;

internal sealed partial class AccessReview
{
    [LoggerMessage(1661, LogLevel.Information, "All sessions were reviewed by the rules that are in force now: {Rules}")]
    private partial void LogReviewed(string rules);

    [LoggerMessage(1662, LogLevel.Warning, "The review of what sessions may is broken off and begins again: {Fault}")]
    private partial void LogBrokenOff(string fault);
}

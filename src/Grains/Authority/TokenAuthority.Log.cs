using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Authority;

public sealed partial class TokenAuthority
{
    /// <param name="logger">The log.</param>
    /// <param name="question">Its kind.</param>
    /// <param name="fault">The exception's type. Not its text: that can hold the user, and whatever judges a token has the token at hand.</param>
    [LoggerMessage(1500, LogLevel.Error, "A {Question} question could not be answered; the broker is refused, an edge asks again: {Fault}")]
    private static partial void LogFailed(ILogger logger, string question, string fault);
}

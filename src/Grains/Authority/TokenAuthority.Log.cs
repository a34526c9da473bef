using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Authority;

public sealed partial class TokenAuthority
{
    [LoggerMessage(1500, LogLevel.Error, "A token could not be judged and was refused: {Fault}")]
    private static partial void LogIdentifyFailed(ILogger logger, string fault);

    [LoggerMessage(1501, LogLevel.Error, "A {Question} question could not be answered and was denied")]
    private static partial void LogQuestionFailed(ILogger logger, string question, Exception exception);
}

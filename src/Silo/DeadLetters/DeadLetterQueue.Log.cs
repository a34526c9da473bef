namespace NotifyOrleans.Silo.DeadLetters;

internal sealed partial class DeadLetterQueue
{
    [LoggerMessage(1120, LogLevel.Information, "{Count} dead letters were sent back, {Reduced} were left, as they are reduced. Fault: {Fault}")]
    private partial void LogRedriven(int count, int reduced, string fault);
}

using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>Names every fault of <see cref="TopicLogOptions"/>.</summary>
public sealed class TopicLogOptionsValidator : IValidateOptions<TopicLogOptions>
{
    /// <summary>Sessions say so often that they are there; see docs/decisions/0019-topic-logs.md.</summary>
    private static readonly TimeSpan MinAbandonedAfter = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, TopicLogOptions options)
    {
        var faults = new List<string>();
        if (options.TimeToLive <= TimeSpan.Zero)
            faults.Add($"Topics:TimeToLive: must be above 0, is {options.TimeToLive}.");
        if (options.TimeToLive > SettingBounds.MaxTime)
            faults.Add($"Topics:TimeToLive: must be at most {SettingBounds.MaxTime}, is {options.TimeToLive}.");
        if (options.MaxMessagesPerLog < 1)
            faults.Add($"Topics:MaxMessagesPerLog: must be at least 1, is {options.MaxMessagesPerLog}.");
        if (options.MaxMessagesPerLog > SettingBounds.MaxCount)
            faults.Add($"Topics:MaxMessagesPerLog: must be at most {SettingBounds.MaxCount}, is {options.MaxMessagesPerLog}.");
        if (options.MaxBytesPerLog < 1)
            faults.Add($"Topics:MaxBytesPerLog: must be at least 1, is {options.MaxBytesPerLog}.");
        if (options.MaxDurablePerUser < 1)
            faults.Add($"Topics:MaxDurablePerUser: must be at least 1, is {options.MaxDurablePerUser}.");
        if (options.AbandonedAfter < MinAbandonedAfter)
            faults.Add($"Topics:AbandonedAfter: must be at least {MinAbandonedAfter}, is {options.AbandonedAfter}.");
        if (options.AbandonedAfter > SettingBounds.MaxTime)
            faults.Add($"Topics:AbandonedAfter: must be at most {SettingBounds.MaxTime}, is {options.AbandonedAfter}.");
        if (options.SweepInterval < TimeSpan.FromSeconds(1))
            faults.Add($"Topics:SweepInterval: must be at least 00:00:01, is {options.SweepInterval}.");
        if (options.SweepInterval > SettingBounds.MaxInterval)
            faults.Add($"Topics:SweepInterval: must be at most {SettingBounds.MaxInterval}, is {options.SweepInterval}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Outbox;

/// <summary>Names every fault of <see cref="OutboxOptions"/>.</summary>
public sealed class OutboxOptionsValidator : IValidateOptions<OutboxOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboxOptions options)
    {
        var faults = new List<string>();
        if (options.Provider == OutboxProvider.RocksDb && string.IsNullOrWhiteSpace(options.Path))
            faults.Add("Outbox:Path: names no folder.");
        if (options.TimeToLive <= TimeSpan.Zero)
            faults.Add($"Outbox:TimeToLive: must be above 0, is {options.TimeToLive}.");
        if (options.TimeToLive > SettingBounds.MaxTime)
            faults.Add($"Outbox:TimeToLive: must be at most {SettingBounds.MaxTime}, is {options.TimeToLive}.");
        if (options.MaxMessagesPerUser < 1)
            faults.Add($"Outbox:MaxMessagesPerUser: must be at least 1, is {options.MaxMessagesPerUser}.");
        if (options.MaxBytesPerUser < 1)
            faults.Add($"Outbox:MaxBytesPerUser: must be at least 1, is {options.MaxBytesPerUser}.");
        if (options.SweepInterval < TimeSpan.FromSeconds(1))
            faults.Add($"Outbox:SweepInterval: must be at least 00:00:01, is {options.SweepInterval}.");
        if (options.SweepInterval > SettingBounds.MaxInterval)
            faults.Add($"Outbox:SweepInterval: must be at most {SettingBounds.MaxInterval}, is {options.SweepInterval}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

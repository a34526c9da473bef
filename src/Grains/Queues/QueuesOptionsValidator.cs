using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Queues;

/// <summary>Names every fault of <see cref="QueuesOptions"/>.</summary>
public sealed class QueuesOptionsValidator : IValidateOptions<QueuesOptions>
{
    public ValidateOptionsResult Validate(string? name, QueuesOptions options)
    {
        List<string> faults = [];
        if (options.MaxPrefetch is < 1 or > ushort.MaxValue)
            faults.Add($"Queues:MaxPrefetch: must be from 1 to {ushort.MaxValue}, is {options.MaxPrefetch}.");
        if (options.MaxChannelsPerConnection is < 1 or > 2000)
            faults.Add($"Queues:MaxChannelsPerConnection: must be from 1 to 2000, is {options.MaxChannelsPerConnection}.");
        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromSeconds(5))
            faults.Add($"Queues:Timeout: must be from 00:00:01 to 00:00:05 (edges ask again then), is {options.Timeout}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>Names every fault of <see cref="DeliveryOptions"/>.</summary>
public sealed class DeliveryOptionsValidator : IValidateOptions<DeliveryOptions>
{
    public ValidateOptionsResult Validate(string? name, DeliveryOptions options)
    {
        List<string> faults = [];
        if (options.MaxBatchMessages < 1)
            faults.Add($"Delivery:MaxBatchMessages: must be at least 1, is {options.MaxBatchMessages}.");
        if (options.MaxBatchBytes < 1)
            faults.Add($"Delivery:MaxBatchBytes: must be at least 1, is {options.MaxBatchBytes}.");
        // An edge keeps up to 16 batches that have overtaken each other.
        if (options.MaxBatchesInFlight is < 1 or > 16)
            faults.Add($"Delivery:MaxBatchesInFlight: must be from 1 to 16, is {options.MaxBatchesInFlight}.");
        if (options.LinkTimeout < TimeSpan.FromSeconds(2))
            faults.Add($"Delivery:LinkTimeout: must be at least 00:00:02 (edges beat every second), is {options.LinkTimeout}.");
        if (options.MaxTopicBacklogBytes < 0)
            faults.Add($"Delivery:MaxTopicBacklogBytes: must not be negative, is {options.MaxTopicBacklogBytes}.");
        if (options.MaxTopicLogBytes < 0)
            faults.Add($"Delivery:MaxTopicLogBytes: must not be negative, is {options.MaxTopicLogBytes}.");
        if (options.TopicLogTime < TimeSpan.Zero)
            faults.Add($"Delivery:TopicLogTime: must not be negative, is {options.TopicLogTime}.");
        if (options.StartGrace < TimeSpan.Zero)
            faults.Add($"Delivery:StartGrace: must not be negative, is {options.StartGrace}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

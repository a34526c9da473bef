using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Broker;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>Names every fault of section <c>Publishing</c> and of the broker's address.</summary>
internal sealed class PublishingOptionsValidator(IConfiguration configuration) : IValidateOptions<PublishingOptions>
{
    public ValidateOptionsResult Validate(string? name, PublishingOptions options)
    {
        var faults = BrokerAddress.FindFaults(configuration).ToList();
        if (options.ConfirmTimeout < TimeSpan.FromSeconds(1) || options.ConfirmTimeout > TimeSpan.FromMinutes(10))
            faults.Add($"Publishing:ConfirmTimeout: {options.ConfirmTimeout} is not between 00:00:01 and 00:10:00.");
        if (options.MaxChannels is < 1 or > 1000)
            faults.Add($"Publishing:MaxChannels: {options.MaxChannels} is not between 1 and 1000.");
        if (options.MaxWaiting < 1)
            faults.Add($"Publishing:MaxWaiting: {options.MaxWaiting} is below 1.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

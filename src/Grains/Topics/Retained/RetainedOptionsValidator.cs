using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Topics.Retained;

/// <summary>Names every fault of <see cref="RetainedOptions"/>.</summary>
public sealed class RetainedOptionsValidator : IValidateOptions<RetainedOptions>
{
    public ValidateOptionsResult Validate(string? name, RetainedOptions options)
    {
        var faults = new List<string>();
        if (options.MaxMessages < 1)
            faults.Add($"Topics:Retained:MaxMessages: must be at least 1, is {options.MaxMessages}.");
        if (options.MaxBytes < 1)
            faults.Add($"Topics:Retained:MaxBytes: must be at least 1, is {options.MaxBytes}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

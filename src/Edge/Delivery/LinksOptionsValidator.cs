using Microsoft.Extensions.Options;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Names every fault of section <c>Links</c>.</summary>
internal sealed class LinksOptionsValidator : IValidateOptions<LinksOptions>
{
    public ValidateOptionsResult Validate(string? name, LinksOptions options)
    {
        var faults = new List<string>();
        Between(nameof(options.Lanes), options.Lanes, 1, 64);
        Between(nameof(options.MaxHeldBatches), options.MaxHeldBatches, 1, 1000);
        Between(nameof(options.RegisterBatch), options.RegisterBatch, 1, 10_000);
        Between(nameof(options.SettleBatch), options.SettleBatch, 1, 100_000);
        Between(nameof(options.SettleInterval), options.SettleInterval, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Between(nameof(options.BeatInterval), options.BeatInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
        Between(nameof(options.GapTimeout), options.GapTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        Between(nameof(options.SubscribeTimeout), options.SubscribeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        if (options.BeatTimeout < options.BeatInterval)
            faults.Add($"Links:BeatTimeout: {options.BeatTimeout} is below Links:BeatInterval, {options.BeatInterval}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;

        void Between<T>(string setting, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
                faults.Add($"Links:{setting}: {value} is not between {least} and {most}.");
        }
    }
}

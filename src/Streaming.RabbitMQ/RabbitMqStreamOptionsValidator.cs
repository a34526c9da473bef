using Microsoft.Extensions.Options;

namespace NotifyOrleans.Streaming.RabbitMQ;

internal sealed class RabbitMqStreamOptionsValidator : IValidateOptions<RabbitMqStreamOptions>
{
    public ValidateOptionsResult Validate(string? name, RabbitMqStreamOptions options)
    {
        var faults = new List<string>();
        if (options.Queues.Count == 0)
            faults.Add("Queues: at least one is needed");
        if (options.Queues.Any(string.IsNullOrWhiteSpace))
            faults.Add("Queues: a name is empty");
        if (options.Queues.Distinct().Count() != options.Queues.Count)
            faults.Add("Queues: a name is there twice");
        if (options.Prefetch is < 1 or > ushort.MaxValue)
            faults.Add($"Prefetch: {options.Prefetch} is not between 1 and {ushort.MaxValue}");
        if (options.BatchSize < 2)
            faults.Add($"BatchSize: {options.BatchSize} is below 2");
        foreach (
            var (setting, value) in new[]
            {
                (nameof(options.MaxWait), options.MaxWait),
                (nameof(options.PollPeriod), options.PollPeriod),
                (nameof(options.AckInterval), options.AckInterval),
                (nameof(options.SettlementTimeout), options.SettlementTimeout),
            }
        )
        {
            if (value < TimeSpan.FromMilliseconds(1))
                faults.Add($"{setting}: {value} is below 1 ms");
        }
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

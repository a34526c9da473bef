using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Silo.Ingress;
using NotifyOrleans.Silo.Ingress.Topology;

namespace NotifyOrleans.Silo.Events;

/// <summary>Names every fault of <see cref="EventsOptions"/>.</summary>
internal sealed class EventsOptionsValidator(IConfiguration configuration) : IValidateOptions<EventsOptions>
{
    // Longer than anybody waits to be told, and far from the end of the calendar.
    private static readonly TimeSpan MaxAfter = TimeSpan.FromDays(365);

    public ValidateOptionsResult Validate(string? name, EventsOptions options)
    {
        List<string> faults = [];
        if (options.Undelivered.After <= TimeSpan.Zero)
            faults.Add($"Events:Undelivered:After: must be above 0, is {options.Undelivered.After}; leave it out to turn the event off.");
        if (options.Undelivered.After > MaxAfter)
            faults.Add($"Events:Undelivered:After: must be at most {MaxAfter}, is {options.Undelivered.After}.");
        AddFaultOf("Events:Undelivered:Exchange", options.Undelivered.Exchange);
        AddFaultOf("Events:Presence:Exchange", options.Presence.Exchange);
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;

        void AddFaultOf(string setting, string exchange)
        {
            if (FindFault(exchange) is { } fault)
                faults.Add($"{setting}: {fault}");
        }
    }

    private string? FindFault(string exchange)
    {
        if (exchange.Length == 0)
            return "names no exchange.";
        if (ShortString.IsTooLong(exchange))
            return $"is longer than {ShortString.MaxBytes} bytes.";
        if (exchange.StartsWith("amq.", StringComparison.Ordinal))
            return $"'{exchange}' is one of the broker's own.";
        if (PartitionLayout.IsOurs(exchange))
            return $"'{exchange}' is one of the ingress' own.";
        // Else each event would be a message for the user whom it is about.
        return SourceExchanges.Contains(exchange) ? $"'{exchange}' is a source of notifications." : null;
    }

    private IEnumerable<string?> SourceExchanges =>
        configuration
            .GetSection($"{IngressOptions.Section}:{nameof(IngressOptions.Sources)}")
            .GetChildren()
            .Select(source => source[nameof(SourceOptions.Exchange)]);
}

using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Silo.Ingress.Topology;

namespace NotifyOrleans.Silo.Ingress;

/// <summary>Names every fault of <see cref="IngressOptions"/>, and of the broker's address.</summary>
internal sealed class IngressOptionsValidator(IConfiguration configuration) : IValidateOptions<IngressOptions>
{
    private const int MinMessageBytes = 1024;
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    private const int MaxRecipients = 100_000;

    public ValidateOptionsResult Validate(string? name, IngressOptions options)
    {
        var faults = BrokerAddress.FindFaults(configuration).ToList();
        if (options.Sources.Length == 0)
            faults.Add("Ingress:Sources: there is none.");
        for (var i = 0; i < options.Sources.Length; i++)
            faults.AddRange(FaultsOf(options.Sources, i));
        if (options.Partitions is < 1 or > IngressOptions.MaxPartitions)
            faults.Add($"Ingress:Partitions: {options.Partitions} is not between 1 and {IngressOptions.MaxPartitions}.");
        if (options.HashHeader is { } header && (header.Length == 0 || ShortString.IsTooLong(header)))
            faults.Add("Ingress:HashHeader: is empty or longer than 255 bytes.");
        if (options.Prefetch is < 1 or > ushort.MaxValue)
            faults.Add($"Ingress:Prefetch: {options.Prefetch} is not between 1 and {ushort.MaxValue}.");
        if (options.MaxMessageBytes is < MinMessageBytes or > MaxMessageBytes)
            faults.Add($"Ingress:MaxMessageBytes: {options.MaxMessageBytes} is not between {MinMessageBytes} and {MaxMessageBytes}.");
        if (options.MaxRecipients is < 1 or > MaxRecipients)
            faults.Add($"Ingress:MaxRecipients: {options.MaxRecipients} is not between 1 and {MaxRecipients}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> FaultsOf(SourceOptions[] sources, int index)
    {
        var source = sources[index];
        var setting = $"Ingress:Sources:{index}";
        if (source.Exchange.Length == 0)
            yield return $"{setting}:Exchange: names no exchange.";
        else if (ShortString.IsTooLong(source.Exchange))
            yield return $"{setting}:Exchange: is longer than {ShortString.MaxBytes} bytes.";
        else if (PartitionLayout.IsOurs(source.Exchange))
            yield return $"{setting}:Exchange: '{source.Exchange}' is one of the ingress' own.";
        else if (sources.Take(index).Any(other => other.Exchange == source.Exchange))
            yield return $"{setting}:Exchange: '{source.Exchange}' is a source already.";
        if (source.Bindings.Length == 0)
            yield return $"{setting}:Bindings: there is none, so nothing would come; '#' takes everything.";
        foreach (var binding in source.Bindings.Where(ShortString.IsTooLong))
            yield return $"{setting}:Bindings: '{binding[..20]}...' is longer than {ShortString.MaxBytes} bytes.";
        foreach (var template in source.Users.Where(template => !UserKeyTemplate.TryParse(template, out _)))
            yield return $"{setting}:Users: '{template}' does not hold the word {UserKeyTemplate.Placeholder} exactly once, or has a # before it.";
    }
}

using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>
/// Binds a configuration section to its options, value by value: one that cannot be bound, or that no option has, becomes a fault beside the validator's
/// own, so that an operator sees all of them at once. (The framework's binder stops at the first, and passes over faults inside lists.)
/// </summary>
internal sealed class SectionBinding<TOptions>(IConfiguration configuration, string section) : IConfigureOptions<TOptions>, IValidateOptions<TOptions>
    where TOptions : class, new()
{
    // Of options that were made: those that are made later may come from another configuration.
    private readonly ConditionalWeakTable<TOptions, string[]> _faults = [];

    public void Configure(TOptions options)
    {
        var (sound, faults) = Sort(configuration, section);
        sound.GetSection(section).Bind(options);
        _faults.AddOrUpdate(options, faults);
    }

    public ValidateOptionsResult Validate(string? name, TOptions options) =>
        _faults.TryGetValue(options, out var faults) && faults.Length > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;

    private static (IConfiguration Sound, string[] Faults) Sort(IConfiguration configuration, string section)
    {
        var sound = new List<KeyValuePair<string, string?>>();
        var faults = new List<string>();
        foreach (var (key, value) in configuration.GetSection(section).AsEnumerable())
        {
            if (value is null || key.Length == section.Length)
                continue;
            if (FaultOf(section, key, value) is { } fault)
                faults.Add(fault);
            else
                sound.Add(new(key, value));
        }
        faults.Sort(StringComparer.Ordinal);
        return (new ConfigurationBuilder().AddInMemoryCollection(sound).Build(), [.. faults]);
    }

    private static string? FaultOf(string section, string key, string value)
    {
        var single = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        try
        {
            single.GetSection(section).Bind(new TOptions(), binder => binder.ErrorOnUnknownConfiguration = true);
            return null;
        }
        catch (InvalidOperationException)
        {
            return SettingType.Find(typeof(TOptions), key[(section.Length + 1)..]) is { } type
                ? $"{key}: {SettingType.Quote(type, value)} is not {SettingType.Describe(type)}."
                : $"{key}: there is no such setting.";
        }
    }
}

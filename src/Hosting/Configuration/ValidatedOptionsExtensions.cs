using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>Registers options that must be right before a node starts.</summary>
public static class ValidatedOptionsExtensions
{
    /// <summary>
    /// Binds a configuration section to its options and checks them at start. Values of a wrong type and settings that do not exist are faults too.
    /// </summary>
    /// <remarks>The binder adds to a list that an option starts with: defaults of lists are settings too.</remarks>
    public static IServiceCollection AddValidatedOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class, new()
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddValidatedOptions<TOptions>(section).TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
        return services;
    }

    /// <summary>The same, for options whose every value is right that has their type.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class, new()
    {
        services.AddOptions<TOptions>().ValidateOnStart();
        services.AddSingleton(provider => new SectionBinding<TOptions>(provider.GetRequiredService<IConfiguration>(), section));
        services.AddSingleton<IConfigureOptions<TOptions>>(provider => provider.GetRequiredService<SectionBinding<TOptions>>());
        services.AddSingleton<IValidateOptions<TOptions>>(provider => provider.GetRequiredService<SectionBinding<TOptions>>());
        return services;
    }
}

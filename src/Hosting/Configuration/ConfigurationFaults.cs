using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>Faults of settings that no options of ours hold: those of the server and of the log. They are told with the others.</summary>
internal sealed class ConfigurationFaults
{
    public List<string> All { get; } = [];

    public static void Collect(IServiceCollection services, Func<IConfiguration, IEnumerable<string>> find)
    {
        services
            .AddOptions<ConfigurationFaults>()
            .Configure<IConfiguration>((faults, configuration) => faults.All.AddRange(find(configuration)))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ConfigurationFaults>, Validator>());
    }

    private sealed class Validator : IValidateOptions<ConfigurationFaults>
    {
        public ValidateOptionsResult Validate(string? name, ConfigurationFaults options) =>
            options.All.Count > 0 ? ValidateOptionsResult.Fail(options.All) : ValidateOptionsResult.Success;
    }
}

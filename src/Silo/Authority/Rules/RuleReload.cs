using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Rules;

namespace NotifyOrleans.Silo.Authority.Rules;

/// <summary>
/// Takes up rules and address ranges when the configuration changes. One with faults is told, and changes nothing: the former rules stay in force. (By
/// <see cref="IOptionsMonitor{TOptions}"/> the faults would come out of the file watcher's callback, where nobody hears of them.)
/// </summary>
internal sealed partial class RuleReload(
    IConfiguration configuration,
    IOptionsFactory<AuthorityOptions> options,
    RuleSetFactory factory,
    CurrentRules rules,
    AuthorityMetrics metrics,
    ILogger<RuleReload> logger
) : IHostedService
{
    private readonly Lock _gate = new();
    private IDisposable? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
        // What has changed since the rules were made.
        Reload();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registration?.Dispose();
        return Task.CompletedTask;
    }

    private void Reload()
    {
        lock (_gate)
        {
            try
            {
                var read = factory.Create(options.Create(Options.DefaultName));
                if (read.Version == rules.Value.Version)
                    return;
                rules.Value = read;
                metrics.RulesReloaded(succeeded: true);
                LogReloaded(read.Version);
            }
            catch (OptionsValidationException fault)
            {
                metrics.RulesReloaded(succeeded: false);
                LogRefused(string.Join(' ', fault.Failures));
            }
        }
    }
}

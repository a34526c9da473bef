using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;

namespace NotifyOrleans.Silo.Authority.Revocations;

/// <summary>
/// Forgets revocations of tokens that nobody takes any more, in the store and in the silo's memory, and with it in the edges'. Each silo does it: what one has
/// deleted the others do not find any more. While tokens may live for as long as they like, nothing is forgotten.
/// </summary>
internal sealed partial class RevocationSweep(
    IAuthorityStore store,
    RevocationRegister register,
    TokenLifetime lifetime,
    TimeProvider time,
    ILogger<RevocationSweep> logger
) : BackgroundService
{
    /// <summary>
    /// What comes together in an hour is little beside what is kept, and looking through all of it is no work then. The first sweep is an hour after the start:
    /// a lower setting, which silos get one after the other, deletes nothing that those would read which start once more with the former one.
    /// </summary>
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (lifetime.GoneBefore is not null && await timer.WaitForNextTickAsync(stoppingToken))
            await SweepAsync(lifetime.GoneBefore.Value, stoppingToken);
    }

    private async Task SweepAsync(DateTimeOffset goneBefore, CancellationToken cancellationToken)
    {
        register.Forget(goneBefore);
        try
        {
            await store.ForgetRevocationsAsync(goneBefore, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogNotDeleted(fault);
        }
    }
}

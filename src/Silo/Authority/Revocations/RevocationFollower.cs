using NotifyOrleans.Grains.Authority;

namespace NotifyOrleans.Silo.Authority.Revocations;

/// <summary>
/// Reads revocations from the store, whichever silo has stored them: four times a second, so that edges, which ask as often, end a session well within 2 s.
/// </summary>
internal sealed partial class RevocationFollower(IAuthorityStore store, RevocationRegister register, TimeProvider time, ILogger<RevocationFollower> logger)
    : BackgroundService
{
    private const int PageSize = 1000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>While the store is away.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private bool _isTold;

    /// <summary>Reads what is new.</summary>
    /// <exception cref="AuthorityStoreException">It cannot be read.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Grains.Interfaces.Authority.Revocation> page;
        do
        {
            page = await store.ReadRevocationsAsync(register.Last, PageSize, cancellationToken);
            register.Add(page);
        } while (page.Count == PageSize);
        register.Complete();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var isRead = await TryReadAsync(stoppingToken);
            await Task.Delay(isRead ? Interval : RetryInterval, time, stoppingToken);
        }
    }

    private async Task<bool> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
            _isTold = false;
            return true;
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (!_isTold)
                LogNotRead(fault.Message);
            _isTold = true;
            return false;
        }
    }
}

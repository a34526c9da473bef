using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Hosting;

/// <summary>
/// Ends the process when a part does not let go of its work although the host has given up waiting for it: a silo, for one, tries for five minutes to tell a
/// membership table that is away that it leaves. What was not handed over is found by the others, as after a crash.
/// </summary>
internal sealed partial class StopDeadline : IDisposable
{
    /// <summary>Beyond <see cref="HostOptions.ShutdownTimeout"/>, for what does heed it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private const int ExitCode = 1;

    private readonly TimeSpan _limit;
    private readonly ILogger<StopDeadline> _logger;
    private readonly CancellationTokenRegistration _stopping;
    private Timer? _timer;

    public StopDeadline(IHostApplicationLifetime lifetime, IOptions<HostOptions> host, ILogger<StopDeadline> logger)
    {
        (_limit, _logger) = (host.Value.ShutdownTimeout + Grace, logger);
        _stopping = lifetime.ApplicationStopping.Register(() => _timer = new Timer(_ => End(), null, _limit, Timeout.InfiniteTimeSpan));
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _timer?.Dispose();
    }

    private void End()
    {
        LogNotInTime(_limit.TotalSeconds);
        Environment.Exit(ExitCode);
    }
}

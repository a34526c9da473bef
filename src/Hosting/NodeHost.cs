using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Hosting;

/// <summary>Runs a node, silo or edge, from its table of contents.</summary>
public static partial class NodeHost
{
    /// <summary>Until every part has let go of its work; what a supervisor waits is longer (15 s with <c>scripts/up.sh</c>).</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Builds the node, checks its whole configuration, runs it until SIGTERM or Ctrl-C, and returns the exit code: 0, or 1 when it was refused,
    /// with one line to standard error for each fault, or when one of its parts has failed.
    /// </summary>
    public static async Task<int> RunAsync(string[] args, Action<WebApplicationBuilder> addParts, Action<WebApplication> mapEndpoints)
    {
        var started = false;
        try
        {
            // appsettings.json is found wherever the node is started from.
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
            // The host logs whatever stops the start, with its stack trace; here it is told below, or by the runtime when it is a fault of ours.
            builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started && level >= LogLevel.Warning);
            ConfigurationFaults.Collect(builder.Services, ServerAddresses.FindFaults);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
            builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
            builder.Services.AddSingleton(TimeProvider.System);
            addParts(builder);
            await using var app = builder.Build();
            app.Services.GetService<IStartupValidator>()?.Validate();
            mapEndpoints(app);
            using var terminated = EndAtOnceOnSecond(PosixSignal.SIGTERM, 128 + 15);
            using var interrupted = EndAtOnceOnSecond(PosixSignal.SIGINT, 128 + 2);
            return await RunAsync(app, () => started = true);
        }
        catch (Exception exception) when (FaultsOf(exception) is { Length: > 0 } faults)
        {
            return await RefuseAsync(faults);
        }
    }

    private static async Task<int> RunAsync(WebApplication app, Action onStarted)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        using var deadline = ActivatorUtilities.CreateInstance<StopDeadline>(app.Services);
        try
        {
            await app.StartAsync();
        }
        catch (Exception exception) when (stopping.IsCancellationRequested)
        {
            if (FaultsAmong(exception) is { Length: > 0 } faults)
                return await RefuseAsync(faults);
            // Told to stop while parts still waited for what they need, or between two steps: each says so in its own way, and several at once.
            LogStartBrokenOff(app.Logger, exception);
            return 0;
        }
        onStarted();
        await app.WaitForShutdownAsync();
        // The host ends a node in which a part has failed, and has told it; a supervisor has to know that nobody wanted that.
        return app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(part => part.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
    }

    private static async Task<int> RefuseAsync(string[] faults)
    {
        foreach (var fault in faults)
            await Console.Error.WriteLineAsync($"fault: {fault}");
        return 1;
    }

    /// <summary>Who sends a signal twice does not want to wait. What was not handed over is found by the others, as after a crash.</summary>
    private static PosixSignalRegistration EndAtOnceOnSecond(PosixSignal signal, int exitCode)
    {
        var count = 0;
        return PosixSignalRegistration.Create(signal, _ =>
        {
            if (Interlocked.Increment(ref count) > 1)
                Environment.Exit(exitCode);
        });
    }

    /// <summary>Those of <see cref="FaultsOf"/>, whatever else there is beside them.</summary>
    private static string[] FaultsAmong(Exception exception) =>
        exception is AggregateException several ? [.. several.InnerExceptions.SelectMany(FaultsAmong)] : FaultsOf(exception);

    /// <summary>What is to be told of faults that an operator can mend; empty for any other, which keep their stack trace.</summary>
    private static string[] FaultsOf(Exception exception) =>
        exception switch
        {
            OptionsValidationException wrong => [.. wrong.Failures],
            // A file that is not JSON.
            InvalidDataException { InnerException: { } inner } unreadable => [$"{unreadable.Message} {inner.Message}"],
            IOException { InnerException: AddressInUseException } inUse => [inUse.Message],
            AggregateException several => several.InnerExceptions.Select(FaultsOf).ToArray() is var each && each.All(faults => faults.Length > 0)
                ? [.. each.SelectMany(faults => faults)]
                : [],
            _ => [],
        };
}

using NotifyOrleans.Torture.Reporting;
using NotifyOrleans.Torture.Rolling;
using NotifyOrleans.Torture.Worlds;
using Xunit.Abstractions;

namespace NotifyOrleans.Torture.Tests;

/// <summary>The short runs of <c>tests/Torture</c>: the seeds are fixed, so that each run has the same plan. Long ones are made by hand.</summary>
public sealed class TortureTests(ITestOutputHelper output)
{
    // A run that stands still fails, with how far it came, before the test host is ended for it.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(9);

    [Fact]
    public async Task OneSiloWithRocksDb_EverythingFailsInTurn_NothingIsLostAndAllIsInOrder() =>
        Show(
            await TortureRun
                .RunAsync(
                    new TortureOptions
                    {
                        Seed = 3,
                        Users = 100,
                        Messages = 5000,
                        Rate = 120,
                        Faults = 8,
                        World = new WorldOptions { Silos = 1 },
                    },
                    output.WriteLine
                )
                .WaitAsync(Deadline)
        );

    [Fact]
    public async Task TwoSilosWithPostgreSql_EverythingFailsInTurn_NothingIsLostAndAllIsInOrder() =>
        Show(
            await TortureRun
                .RunAsync(
                    new TortureOptions
                    {
                        Seed = 1,
                        Users = 100,
                        Messages = 8000,
                        Rate = 120,
                        Faults = 12,
                        World = new WorldOptions { Silos = 2 },
                    },
                    output.WriteLine
                )
                .WaitAsync(Deadline)
        );

    [Fact]
    public async Task RollingRestart_ClientsAreConnected_NothingIsLost() =>
        Show(
            await RollingRun
                .RunAsync(
                    new RollingOptions
                    {
                        Clients = 300,
                        Rate = 100,
                        ConnectsPerSecond = 100,
                        ChecksTimes = false,
                    },
                    output.WriteLine
                )
                .WaitAsync(Deadline)
        );

    private void Show(Report report)
    {
        output.WriteLine(report.Text);
        Assert.True(report.Passed, report.Text);
    }
}

using NotifyOrleans.System.Tests.Hosting;
using Xunit.Abstractions;

namespace NotifyOrleans.System.Tests.Faults;

/// <summary>Nothing is lost when the silo is killed and the broker's connections are closed while messages are under way.</summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Users = 200;
    private const int MessagesPerUser = 50;

    private readonly RunningSystem _system = new();

    public Task InitializeAsync() => _system.InitializeAsync();

    public Task DisposeAsync() => _system.DisposeAsync();

    [Fact]
    public async Task SiloKilledTwiceAndConnectionsClosedTwice_EveryUserHasEveryMessageInOrder()
    {
        await using var crowd = new Crowd(_system, "u", Users);
        var online = crowd.Users.Where((_, index) => index % 2 == 0).ToList();
        await crowd.SubscribeAsync(online);

        var publishing = crowd.PublishAsync(MessagesPerUser);
        await crowd.PublishedAsync(2000, publishing);
        await KillSiloAsync();
        await crowd.PublishedAsync(4000, publishing);
        await _system.Broker.Management.CloseConnectionsAsync("notifyorleans");
        await crowd.PublishedAsync(6000, publishing);
        await KillSiloAsync();
        await crowd.PublishedAsync(8000, publishing);
        await _system.Broker.Management.CloseConnectionsAsync("notifyorleans");
        await publishing;

        await crowd.CompleteAsync(online, "the users who were online");
        await crowd.SubscribeAsync(crowd.Users.Except(online));
        await crowd.CompleteAsync(crowd.Users, "all users");

        crowd.AssertSound();
        output.WriteLine($"{crowd.Published} messages, {crowd.Repeats} repeats");
    }

    private async Task KillSiloAsync()
    {
        await _system.Silo.KillAsync();
        _system.Silo.Start();
        await _system.ReadyAsync();
    }
}

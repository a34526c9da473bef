using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>
/// Some clients disconnect in order and come back after a while: what comes for those who have left with all their devices waits in the outbox.
/// </summary>
public sealed class ClientsLeave(double share, int seed, TimeSpan away) : IFault
{
    public string Name => "clients leave";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{share:P0} of them, for {away.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var some = scene.Crowd.Some(share, seed);
        var leaving = Task.WhenAll(some.Select(device => device.LeaveAsync()));
        await Task.Delay(away);
        await leaving;
        foreach (var device in some)
            device.Come();
    }
}

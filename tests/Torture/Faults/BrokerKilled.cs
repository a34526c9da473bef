using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>SIGKILL of the broker, and a new start with its data after a while.</summary>
public sealed class BrokerKilled(TimeSpan down) : IFault
{
    public string Name => "broker killed";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"down {down.TotalSeconds:0.0} s and its start");

    public async Task StrikeAsync(Scene scene)
    {
        await scene.World.Broker.KillAsync();
        await Task.Delay(down);
        await scene.World.Broker.StartAsync();
    }
}

using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>SIGSTOP and SIGCONT of the broker.</summary>
public sealed class BrokerPaused(TimeSpan pause) : IFault
{
    public string Name => "broker paused";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{pause.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        scene.World.Broker.Pause();
        await Task.Delay(pause);
        scene.World.Broker.Resume();
    }
}

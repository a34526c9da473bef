using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>Some clients read nothing for a while.</summary>
public sealed class ClientsStopReading(double share, int seed, TimeSpan pause) : IFault
{
    public string Name => "clients stop reading";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{share:P0} of them, for {pause.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var reading = Task.Delay(pause);
        foreach (var device in scene.Crowd.Some(share, seed))
            device.StopReading(reading);
        await reading;
    }
}

using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>Some clients break their connections without a word, and come back by themselves.</summary>
public sealed class ClientsVanish(double share, int seed) : IFault
{
    public string Name => "clients vanish";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{share:P0} of them");

    public Task StrikeAsync(Scene scene)
    {
        foreach (var device in scene.Crowd.Some(share, seed))
            device.Vanish();
        return Task.CompletedTask;
    }
}

using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>Connections of a way swallow what is sent, new ones too for a while; those that were there stay dead without a word.</summary>
public sealed class NetworkHalfOpen(NetworkLink link, TimeSpan span) : IFault
{
    public string Name => "network half-open";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{link}, for {span.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var proxy = link.Find(scene.World);
        proxy.Swallow();
        await Task.Delay(span);
        proxy.Heal();
    }
}

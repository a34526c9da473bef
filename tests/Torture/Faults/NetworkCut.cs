using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>Connections of a way are reset, new ones too for a while.</summary>
public sealed class NetworkCut(NetworkLink link, TimeSpan span) : IFault
{
    public string Name => "network cut";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{link}, for {span.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var proxy = link.Find(scene.World);
        proxy.Cut();
        await Task.Delay(span);
        proxy.Heal();
    }
}

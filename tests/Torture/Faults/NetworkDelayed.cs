using System.Globalization;
using NotifyOrleans.Testing.Network;

namespace NotifyOrleans.Torture.Faults;

/// <summary>Everything on a way takes longer for a while.</summary>
public sealed class NetworkDelayed(NetworkLink link, TimeSpan delay, TimeSpan span) : IFault
{
    public string Name => "network delayed";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{link}, {delay.TotalMilliseconds:0} ms each way for {span.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        FaultProxy proxy = link.Find(scene.World);
        proxy.Delay = delay;
        await Task.Delay(span);
        proxy.Heal();
    }
}

using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>SIGKILL, and a new start after a while.</summary>
public sealed class NodeKilled(NodeKind kind, int index, TimeSpan down) : IFault
{
    public string Name => $"{kind.Noun()} killed";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{kind.Noun()} {index + 1}, down {down.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var node = kind.Find(scene.World, index);
        await node.KillAsync();
        await Task.Delay(down);
        await node.StartAsync();
    }
}

using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>SIGSTOP, SIGCONT after a while: others may have taken it for dead meanwhile, and it does not know.</summary>
public sealed class NodePaused(NodeKind kind, int index, TimeSpan pause) : IFault
{
    public string Name => $"{kind.Noun()} paused";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{kind.Noun()} {index + 1}, {pause.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var node = kind.Find(scene.World, index);
        node.Pause();
        await Task.Delay(pause);
        node.Resume();
    }
}

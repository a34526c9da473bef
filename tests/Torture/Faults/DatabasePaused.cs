using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>SIGSTOP and SIGCONT of all of PostgreSQL's processes.</summary>
public sealed class DatabasePaused(TimeSpan pause) : IFault
{
    public string Name => "PostgreSQL paused";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"{pause.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var database = scene.World.Database!;
        database.Pause();
        await Task.Delay(pause);
        database.Resume();
    }
}

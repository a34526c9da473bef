using System.Globalization;

namespace NotifyOrleans.Torture.Faults;

/// <summary>SIGKILL of all of PostgreSQL's processes, and a new start with its data after a while.</summary>
public sealed class DatabaseKilled(TimeSpan down) : IFault
{
    public string Name => "PostgreSQL killed";

    public string Details => string.Create(CultureInfo.InvariantCulture, $"down {down.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var database = scene.World.Database!;
        await database.KillAsync();
        await Task.Delay(down);
        await database.StartAsync();
    }
}

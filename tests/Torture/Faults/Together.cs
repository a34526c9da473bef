namespace NotifyOrleans.Torture.Faults;

/// <summary>Two at a time.</summary>
public sealed class Together(IFault first, IFault second) : IFault
{
    public string Name => $"{first.Name} + {second.Name}";

    public string Details => $"{first.Details}; {second.Details}";

    public Task StrikeAsync(Scene scene) => Task.WhenAll(first.StrikeAsync(scene), second.StrikeAsync(scene));
}

namespace NotifyOrleans.Torture.Faults;

/// <summary>Something that goes wrong on purpose. All chance is in its constructor, so that a plan can be printed, and run again.</summary>
public interface IFault
{
    /// <summary>What it is, the same for all of its kind.</summary>
    string Name { get; }

    /// <summary>To whom, for how long.</summary>
    string Details { get; }

    /// <summary>Does the harm and takes it back; completes when it is over. What was harmed may take longer to recover.</summary>
    Task StrikeAsync(Scene scene);
}

namespace NotifyOrleans.Edge.Commands;

/// <summary>When a frame has taken effect, and its RECEIPT may be sent.</summary>
/// <param name="Completion">Null when it has already.</param>
internal readonly record struct Effect(Task? Completion)
{
    public static readonly Effect Done = new(null);
}

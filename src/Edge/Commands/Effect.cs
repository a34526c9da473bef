namespace NotifyOrleans.Edge.Commands;

/// <summary>When a frame has taken effect, and its RECEIPT may be sent.</summary>
/// <param name="Completion">Null when it has already.</param>
/// <param name="Behind">What follows the RECEIPT, when the frame has already taken effect.</param>
/// <param name="Bytes">Memory that is kept until the completion.</param>
internal readonly record struct Effect(Task? Completion, Action? Behind = null, long Bytes = 0)
{
    public static readonly Effect Done = new(null);
}

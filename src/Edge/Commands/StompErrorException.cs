namespace NotifyOrleans.Edge.Commands;

/// <summary>A frame cannot be carried out; its client is told so.</summary>
internal sealed class StompErrorException(StompError error) : Exception($"{error.Message}: {error.Body}")
{
    public StompError Error => error;
}

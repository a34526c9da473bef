namespace NotifyOrleans.Stomp;

/// <summary>One header of a frame, name and value not escaped.</summary>
public readonly record struct StompHeader(string Name, string Value);

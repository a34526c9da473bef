using NotifyOrleans.Torture.Clients;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Faults;

/// <summary>Whom faults can strike.</summary>
public sealed record Scene(World World, Crowd Crowd);

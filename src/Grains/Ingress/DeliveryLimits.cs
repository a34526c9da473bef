namespace NotifyOrleans.Grains.Ingress;

/// <summary>What a delivery may be at most. The silo registers it as a singleton.</summary>
/// <param name="MaxBytes">Body, headers and key together, in bytes.</param>
public sealed record DeliveryLimits(int MaxBytes);

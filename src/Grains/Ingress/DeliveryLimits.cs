namespace NotifyOrleans.Grains.Ingress;

/// <summary>What a delivery may be at most. The silo registers it as a singleton.</summary>
/// <param name="MaxBytes">Body, headers and key together, in bytes.</param>
/// <param name="MaxRecipients">Users that the recipients header may name.</param>
public sealed record DeliveryLimits(int MaxBytes, int MaxRecipients = 10_000);

namespace NotifyOrleans.Grains.Ingress;

/// <param name="Tag">The AMQP delivery tag.</param>
/// <param name="User">For whom it is safe.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.SettledDelivery")]
internal readonly record struct SettledDelivery([property: Id(0)] ulong Tag, [property: Id(1)] string User);

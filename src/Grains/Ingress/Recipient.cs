namespace NotifyOrleans.Grains.Ingress;

/// <param name="User">The user that a delivery addresses.</param>
/// <param name="FilterKey">The key that his subscriptions are matched against: the routing key, or <c>user.{user}</c> when the header named him.</param>
public readonly record struct Recipient(string User, string FilterKey);

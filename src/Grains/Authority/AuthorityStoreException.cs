namespace NotifyOrleans.Grains.Authority;

/// <summary>The authority's store cannot be read or written now.</summary>
public sealed class AuthorityStoreException(string message, Exception? inner = null) : Exception(message, inner);

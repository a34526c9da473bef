namespace NotifyOrleans.Edge.Authority;

/// <summary>What clients may do.</summary>
internal static class AuthorityExtensions
{
    public static IServiceCollection AddAuthority(this IServiceCollection services) => services.AddSingleton<EdgeAuthority>();
}

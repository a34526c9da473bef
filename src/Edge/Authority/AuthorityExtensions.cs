namespace NotifyOrleans.Edge.Authority;

/// <summary>What clients may do.</summary>
internal static class AuthorityExtensions
{
    public static WebApplicationBuilder AddAuthority(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EdgeAuthority>();
        return builder;
    }
}

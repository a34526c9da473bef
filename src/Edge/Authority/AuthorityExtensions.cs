namespace NotifyOrleans.Edge.Authority;

/// <summary>What clients may do.</summary>
internal static class AuthorityExtensions
{
    public static WebApplicationBuilder AddAuthority(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EdgeAuthority>();
        builder.Services.AddSingleton<TokenRefresh>();
        builder.Services.AddSingleton<AccessReview>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<AccessReview>());
        builder.Services.AddSingleton<RevocationWatch>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<RevocationWatch>());
        return builder;
    }
}

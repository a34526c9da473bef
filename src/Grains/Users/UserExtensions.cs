using Microsoft.Extensions.DependencyInjection;

namespace NotifyOrleans.Grains.Users;

/// <summary>Adds what users' grains need.</summary>
internal static class UserExtensions
{
    public static IServiceCollection AddUsers(this IServiceCollection services)
    {
        services.AddOptions<MailboxOptions>();
        services.AddSingleton<UserMetrics>();
        return services;
    }
}

namespace NotifyOrleans.Silo.Admin;

/// <summary>What operators are offered. Section <c>Admin</c>.</summary>
public sealed record AdminOptions
{
    public const string Section = "Admin";

    /// <summary>Orleans' own pages about the cluster.</summary>
    public AdminDashboardOptions Dashboard { get; init; } = new();

    /// <summary>
    /// Whether the dashboard is wanted, for what is chosen before options are bound. What is neither true nor false is told by the validation.
    /// </summary>
    public static bool HasDashboard(IConfiguration configuration) =>
        bool.TryParse(configuration[$"{Section}:{nameof(Dashboard)}:{nameof(AdminDashboardOptions.Enabled)}"], out var enabled) && enabled;
}

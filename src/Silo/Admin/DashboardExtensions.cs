using NotifyOrleans.Grains.Authority.Rules;
using Orleans.Dashboard;

namespace NotifyOrleans.Silo.Admin;

/// <summary><c>/admin/dashboard</c>: Orleans' own pages about the cluster, where <c>Admin:Dashboard:Enabled</c> says so.</summary>
internal static class DashboardExtensions
{
    /// <summary>The role <c>admin</c>, also from a browser, which asks for name and password.</summary>
    private const string Policy = "dashboard";

    private const string Path = "/admin/dashboard";

    public static WebApplicationBuilder AddDashboard(this WebApplicationBuilder builder)
    {
        if (!AdminOptions.HasDashboard(builder.Configuration))
            return builder;
        builder
            .Services.AddAuthorizationBuilder()
            .AddPolicy(Policy, policy =>
                policy.AddAuthenticationSchemes(BearerAuthenticationHandler.Name, BasicAuthenticationHandler.Name).RequireRole(DefaultRules.AdminRole)
            );
        // What a silo logs is not shown: it is more than an operator of notifications has to see, and streamed without an end.
        builder.UseOrleans(silo => silo.AddDashboard(options => options.HideTrace = true));
        return builder;
    }

    public static WebApplication MapDashboard(this WebApplication app)
    {
        if (AdminOptions.HasDashboard(app.Configuration))
            app.MapOrleansDashboard(Path).RequireAuthorization(Policy);
        return app;
    }
}

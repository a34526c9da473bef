using Microsoft.AspNetCore.Authentication;
using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Silo.Admin;

/// <summary>What operators may ask of a silo, under <c>/admin</c>: with a token of the role <c>admin</c>, as everywhere.</summary>
internal static class AdminExtensions
{
    /// <summary>The role <c>admin</c>.</summary>
    public const string Policy = "admin";

    public static WebApplicationBuilder AddAdmin(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<AdminOptions>(AdminOptions.Section);
        builder
            .Services.AddAuthentication(BearerAuthenticationHandler.Name)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthenticationHandler>(BearerAuthenticationHandler.Name, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, BasicAuthenticationHandler>(BasicAuthenticationHandler.Name, configureOptions: null);
        builder.Services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.RequireRole(DefaultRules.AdminRole));
        builder.Services.AddProblemDetails();
        return builder.AddDashboard();
    }

    public static WebApplication MapAdmin(this WebApplication app)
    {
        var admin = app.MapGroup("/admin").RequireAuthorization(Policy);
        DeadLetterEndpoints.Map(admin);
        RevocationEndpoints.Map(admin);
        return app.MapDashboard();
    }
}

namespace NotifyOrleans.Edge.Health;

/// <summary>What the edge needs to serve clients.</summary>
internal static class EdgeHealthExtensions
{
    public static WebApplicationBuilder AddEdgeHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck<LinksHealthCheck>("silos").AddCheck<BrokerHealthCheck>("broker").AddCheck<StoppingHealthCheck>("process");
        return builder;
    }
}

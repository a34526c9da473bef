using NotifyOrleans.Hosting;
using NotifyOrleans.Hosting.Health;
using NotifyOrleans.Hosting.Logging;
using NotifyOrleans.Hosting.Telemetry;
using NotifyOrleans.Silo.Cluster;

return await NodeHost.RunAsync(
    args,
    builder => builder
        .AddNodeLogging()
        .AddNodeTelemetry()
        .AddNodeHealth()
        .AddCluster(),
    app => app
        .MapNodeHealth()
        .MapNodeMetrics());

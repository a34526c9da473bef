using NotifyOrleans.Hosting;
using NotifyOrleans.Hosting.Health;
using NotifyOrleans.Hosting.Logging;
using NotifyOrleans.Hosting.Telemetry;

return await NodeHost.RunAsync(
    args,
    builder => builder
        .AddNodeLogging()
        .AddNodeTelemetry()
        .AddNodeHealth(),
    app => app
        .MapNodeHealth()
        .MapNodeMetrics());

using NotifyOrleans.Hosting;
using NotifyOrleans.Hosting.Health;
using NotifyOrleans.Hosting.Logging;
using NotifyOrleans.Hosting.Telemetry;
using NotifyOrleans.Silo.Cluster;
using NotifyOrleans.Silo.Delivery;
using NotifyOrleans.Silo.Outbox;

return await NodeHost.RunAsync(
    args,
    builder => builder
        .AddNodeLogging()
        .AddNodeTelemetry()
        .AddNodeHealth()
        .AddDelivery()
        .AddOutbox()
        .AddCluster(),
    app => app
        .MapNodeHealth()
        .MapNodeMetrics());

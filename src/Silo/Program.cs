using NotifyOrleans.Hosting;
using NotifyOrleans.Hosting.Health;
using NotifyOrleans.Hosting.Logging;
using NotifyOrleans.Hosting.Telemetry;
using NotifyOrleans.Silo.Admin;
using NotifyOrleans.Silo.Authority;
using NotifyOrleans.Silo.Cluster;
using NotifyOrleans.Silo.Delivery;
using NotifyOrleans.Silo.Events;
using NotifyOrleans.Silo.Ingress;
using NotifyOrleans.Silo.Ingress.Recipients;
using NotifyOrleans.Silo.Outbox;
using NotifyOrleans.Silo.Queues;
using NotifyOrleans.Silo.Topics;

return await NodeHost.RunAsync(
    args,
    builder =>
        builder
            .AddNodeLogging()
            .AddNodeTelemetry()
            .AddNodeHealth()
            .AddIngress()
            .AddDelivery()
            .AddQueues()
            .AddOutbox()
            .AddRecipients()
            .AddTopics()
            .AddEvents()
            .AddAuthority()
            .AddAdmin()
            .AddCluster(),
    app => app.MapAuthority().MapAdmin().MapNodeHealth().MapNodeMetrics()
);

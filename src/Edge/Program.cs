using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Demo;
using NotifyOrleans.Edge.Health;
using NotifyOrleans.Edge.Publishing;
using NotifyOrleans.Edge.Queues;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Hosting;
using NotifyOrleans.Hosting.Health;
using NotifyOrleans.Hosting.Logging;
using NotifyOrleans.Hosting.Telemetry;

// In the order in which they are started; they stop in the other direction, clients first.
return await NodeHost.RunAsync(
    args,
    builder =>
        builder
            .AddNodeLogging()
            .AddNodeTelemetry()
            .AddNodeHealth()
            .AddEdgeHealth()
            .AddCluster()
            .AddAuthority()
            .AddTopics()
            .AddDelivery()
            .AddPublishing()
            .AddSubscriptions()
            .AddQueues()
            .AddCommands()
            .AddSessions()
            .AddConnections(),
    app => app.MapNodeHealth().MapNodeMetrics().MapStomp().MapDemoPage()
);

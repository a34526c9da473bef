using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Silo.Tests.Ingress.Topology;

/// <summary>From one layout of partitions to another, with messages under way.</summary>
[Collection(BrokerCollection.Name)]
public sealed class PartitionChangeTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private const int Users = 40;

    private Uri _address = null!;
    private Publisher _publisher = null!;

    private string Vhost => Uri.UnescapeDataString(_address.AbsolutePath[1..]);

    public async Task InitializeAsync()
    {
        _address = await broker.CreateVhostAsync();
        _publisher = await Publisher.ConnectAsync(_address);
    }

    public async Task DisposeAsync() => await _publisher.DisposeAsync();

    [Theory]
    [InlineData("4", "Classic", null, "2", "Classic", null)]
    [InlineData("2", "Classic", null, "5", "Classic", null)]
    [InlineData("3", "Classic", null, "3", "Quorum", null)]
    [InlineData("3", "Quorum", null, "1", "Classic", null)]
    [InlineData("3", "Classic", null, "3", "Classic", "user")]
    [InlineData("3", "Classic", "user", "3", "Classic", null)]
    public async Task Layout_ChangedWithMessagesWaitingAndComing_EachComesOnceAndInOrder(
        string partitions,
        string type,
        string? header,
        string newPartitions,
        string newType,
        string? newHeader
    )
    {
        await using (var silo = await IngressSilo.StartAsync(_address, Settings(partitions, type, header), router => router.HoldsBack = true))
        {
            await silo.HealthyAsync();
            await _publisher.PublishAsync(Users, first: 0, count: 10);
            await silo.DeliveredAsync(Users * 10);
        }
        await _publisher.PublishAsync(Users, first: 10, count: 10);
        var publishing = Task.Run(async () =>
        {
            for (var number = 20; number < 120; number++)
                await _publisher.PublishAsync(Users, number, count: 1);
        });

        await using var changed = await IngressSilo.StartAsync(_address, Settings(newPartitions, newType, newHeader));
        await publishing;
        await changed.DeliveredAsync(Users * 120);
        await changed.HealthyAsync();

        TopologyTests.AssertOrder(changed, Users, count: 120);
        // None took two ways.
        Assert.Equal(Users * 120, changed.Router.Deliveries.Count);
        Assert.Equal(1, changed.Logs.Count(1103));
        await OnlyAsync($"notifyorleans.ingress.{newPartitions}{(newType == "Quorum" ? ".quorum" : "")}{(newHeader is null ? "" : ".header")}");
    }

    [Fact]
    public async Task Layout_FormerOneIsNotSettled_NewOneWaits()
    {
        await using (var silo = await IngressSilo.StartAsync(_address, Settings("2", "Classic", null), router => router.HoldsBack = true))
        {
            await silo.HealthyAsync();
            await _publisher.PublishAsync(Users, first: 0, count: 1);
            await silo.DeliveredAsync(Users);
        }

        await using var changed = await IngressSilo.StartAsync(_address, Settings("3", "Classic", null), router => router.HoldsBack = true);
        await changed.DeliveredAsync(Users);
        await _publisher.PublishAsync(Users, first: 1, count: 1);
        await changed.HealthAsync(HealthStatus.Degraded, "the former partition queue notifyorleans.ingress.2.");
        await Wait.Until(
            async () => (await broker.Management.GetQueuesAsync(Vhost)).Single(queue => queue.Name == "notifyorleans.ingress.direct.waiting").Messages == Users,
            "the new messages to wait"
        );
        Assert.Equal(Users, changed.Router.Deliveries.Count);
    }

    [Fact]
    public async Task Layout_SiloStopsInTheMiddleOfAChange_NextOneGoesOnWithIt()
    {
        string[] layouts = ["2", "3", "2"];
        for (var i = 0; i < layouts.Length; i++)
        {
            // Nothing is settled: the first layout is still there when the second one is given up.
            await using var silo = await IngressSilo.StartAsync(_address, Settings(layouts[i], "Classic", null), router => router.HoldsBack = true);
            if (i == 0)
                await silo.HealthyAsync();
            else
                await Wait.Until(async () => !await HasRingAsync() && await HasQueuesAsync(layouts[i]), "the former way to be closed");
            await _publisher.PublishAsync(Users, first: i, count: 1);
            await silo.DeliveredAsync(Users);
        }

        await using var last = await IngressSilo.StartAsync(_address, Settings("3", "Classic", null));
        await last.DeliveredAsync(Users * layouts.Length);
        await last.HealthyAsync();

        TopologyTests.AssertOrder(last, Users, layouts.Length);
        Assert.Equal(1, last.Logs.Count(1103));
        await OnlyAsync("notifyorleans.ingress.3");
    }

    [Fact]
    public async Task HashHeader_ChangedAloneWhilePartitionsStay_IsNamedInHealth()
    {
        await using (var silo = await IngressSilo.StartAsync(_address, Settings("2", "Classic", "user")))
            await silo.HealthyAsync();

        await using var changed = await IngressSilo.StartAsync(_address, Settings("2", "Classic", "tenant"));

        await changed.HealthAsync(HealthStatus.Unhealthy, "inequivalent arg 'alternate-exchange' for exchange 'notifyorleans.ingress.2.header'");
    }

    /// <summary>Waits until one layout is left, and says so by its record.</summary>
    private async Task OnlyAsync(string layout)
    {
        string[] others = ["notifyorleans.ingress", "notifyorleans.ingress.only", "notifyorleans.dead-letters"];
        IEnumerable<string> left = [];
        await Wait.Until(
            async () =>
            {
                var exchanges = (await broker.Management.GetExchangesAsync(Vhost)).Select(exchange => exchange.Name);
                var queues = (await broker.Management.GetQueuesAsync(Vhost)).Select(queue => queue.Name);
                left = exchanges
                    .Concat(queues)
                    .Where(name =>
                        name.StartsWith("notifyorleans.", StringComparison.Ordinal)
                        && !Regex.IsMatch(name, $@"^({Regex.Escape(layout)}\.(\d+|direct|detour)|notifyorleans\.ingress\.(direct|detour)(\.waiting)?)$")
                    )
                    .Except([layout, .. others]);
                return !left.Any() && exchanges.Contains("notifyorleans.ingress.only");
            },
            () => $"{layout} to be the only layout; there are {string.Join(", ", left)}"
        );
    }

    private async Task<bool> HasRingAsync() =>
        (await broker.Management.GetExchangesAsync(Vhost)).Any(exchange => Regex.IsMatch(exchange.Name, @"^notifyorleans\.ingress\.\d+\.(direct|detour)$"));

    private async Task<bool> HasQueuesAsync(string partitions) =>
        (await broker.Management.GetBindingsAsync(Vhost)).Count(binding => binding.Source == $"notifyorleans.ingress.{partitions}")
        == int.Parse(partitions, CultureInfo.InvariantCulture);

    private static Dictionary<string, string?> Settings(string partitions, string type, string? header) =>
        new()
        {
            ["Ingress:Partitions"] = partitions,
            ["Ingress:QueueType"] = type,
            ["Ingress:HashHeader"] = header,
        };
}

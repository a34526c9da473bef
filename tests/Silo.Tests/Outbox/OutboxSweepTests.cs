using NotifyOrleans.Silo.Tests.Hosting;
using NotifyOrleans.Silo.Tests.Ingress;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>A whole silo whose messages outlive their time.</summary>
[Collection(BrokerCollection.Name)]
public sealed class OutboxSweepTests(RabbitMqBroker broker) : IDisposable
{
    private const int Messages = 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Messages_OfUsersWhoStayAway_AreTakenAwayWhenTheirTimeEnds()
    {
        var vhost = await broker.CreateVhostAsync();
        var settings = SiloProcess.Settings(_folder);
        settings["ConnectionStrings__RabbitMq"] = vhost.ToString();
        settings["Ingress__Sources__0__Declare"] = "true";
        settings["Outbox__TimeToLive"] = "00:00:02";
        settings["Outbox__SweepInterval"] = "00:00:01";
        await using var silo = SiloProcess.Start(_folder, settings);
        await silo.WaitForLifeAsync();
        await silo.WaitForCheckAsync("ingress", check => check == "ok");

        await using (var publisher = await Publisher.ConnectAsync(vhost))
            await publisher.PublishAsync(users: 4, first: 1, count: Messages / 4);

        await WaitForAsync(silo, "notifyorleans_outbox_rows_appended_total");
        await WaitForAsync(silo, "notifyorleans_outbox_rows_deleted_total");
    }

    private static Task WaitForAsync(SiloProcess silo, string counter) =>
        silo.Process.WaitForAsync(async () => await silo.MetricAsync(counter) == Messages, $"{counter} to be {Messages}");
}

using System.Net;
using System.Net.Sockets;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Hosting;

/// <summary>A silo that is told nonsense.</summary>
public sealed class ConfigurationFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WrongSettings_AreAllNamed_AndStopTheStart()
    {
        var settings = SiloProcess.Settings(_folder);
        settings["Cluster__Provider"] = "Redis";
        settings["Cluster__GatewayPort"] = "70000";
        settings["Cluster__AdvertisedAddress"] = "0.0.0.0";
        settings["Cluster__ListeningAddress"] = "everywhere";
        settings["Cluster__Gateways__0"] = "silo";
        settings["Cluster__Nonsense"] = "1";
        settings["Outbox__Provider"] = "Etcd";
        settings["Outbox__Path"] = " ";
        settings["Outbox__TimeToLive"] = "a week";
        settings["Outbox__MaxMessagesPerUser"] = "many";
        settings["Outbox__MaxBytesPerUser"] = "0";
        settings["Mailbox__StoreAfter"] = "1.00:00:00";
        settings["Events__Undelivered__After"] = "00:00:00";
        settings["Events__Undelivered__Exchange"] = "notifications";
        settings["Events__Presence__Enabled"] = "perhaps";
        settings["Events__Presence__Exchange"] = "amq.topic";
        settings["Ingress__Partitions"] = "abc";
        settings["Ingress__Sources__0__Users__0"] = "user.#";
        settings["Ingress__Sources__0__Declare"] = "perhaps";
        settings["Authority__Issuers__0__SigningKey"] = "short";
        settings["ConnectionStrings__RabbitMq"] = "localhost";
        settings["Logging__LogLevel__Default"] = "Loud";
        settings["ASPNETCORE_URLS"] += ";nowhere";

        var faults = await RefuseAsync(settings);

        string[] own =
        [
            "fault: Cluster:AdvertisedAddress: nobody can call 0.0.0.0; name an address of this machine, and have Cluster:ListeningAddress 0.0.0.0.",
            "fault: Cluster:GatewayPort: must be from 1 to 65535, is 70000.",
            "fault: Cluster:Gateways:0: 'silo' is not a host and port such as silo:30000.",
            "fault: Cluster:ListeningAddress: 'everywhere' is not an IP address such as 10.1.2.3.",
            "fault: Cluster:Nonsense: there is no such setting.",
            "fault: ConnectionStrings:Cluster: is missing; Cluster:Provider Redis needs redis:6379,password=....",
            "fault: Events:Presence:Enabled: 'perhaps' is not true or false.",
            "fault: Events:Presence:Exchange: 'amq.topic' is one of the broker's own.",
            "fault: Events:Undelivered:After: must be above 0, is 00:00:00; leave it out to turn the event off.",
            "fault: Events:Undelivered:Exchange: 'notifications' is a source of notifications.",
            "fault: Ingress:Partitions: 'abc' is not a whole number.",
            "fault: Ingress:Sources:0:Declare: 'perhaps' is not true or false.",
            "fault: Logging:LogLevel:Default: 'Loud' is not one of Trace, Debug, Information, Warning, Error, Critical, None.",
            "fault: Mailbox:StoreAfter: must be from 50 ms to 2 s, is 1.00:00:00.",
            "fault: Outbox:MaxBytesPerUser: must be at least 1, is 0.",
            "fault: Outbox:MaxMessagesPerUser: 'many' is not a whole number.",
            "fault: Outbox:Path: names no folder.",
            "fault: Outbox:Provider: 'Etcd' is not one of RocksDb, PostgreSql.",
            "fault: Outbox:TimeToLive: 'a week' is not a time span such as 00:00:30 or 7.00:00:00.",
            "fault: Urls: 'nowhere' is not an address such as http://127.0.0.1:8080.",
        ];
        Assert.Equal(own, faults.Where(own.Contains));
        // Those of other parts, whatever their words; and nothing else: no stack trace, no line of the log.
        string[] others = ["fault: Authority:Issuers:0:SigningKey: ", "fault: ConnectionStrings:RabbitMq: ", "fault: Ingress:Sources:0:Users"];
        Assert.All(others, other => Assert.Single(faults, fault => fault.StartsWith(other, StringComparison.Ordinal)));
        Assert.Equal(own.Length + others.Length, faults.Length);
    }

    [Theory]
    [InlineData(
        "PostgreSql",
        "Host=127.0.0.1;Database=notify",
        "RocksDb",
        "fault: Outbox:Provider: RocksDb keeps the outbox in a folder of one silo, and with Cluster:Provider PostgreSql there may be several; use PostgreSql."
    )]
    [InlineData(
        "Redis",
        "127.0.0.1:6379",
        "",
        "fault: Outbox:Provider: RocksDb keeps the outbox in a folder of one silo, and with Cluster:Provider Redis there may be several; use PostgreSql."
    )]
    [InlineData(
        "",
        "Host=127.0.0.1",
        "",
        "fault: ConnectionStrings:Cluster: is given, but Cluster:Provider is Localhost, so that it would not be used; choose PostgreSql or Redis."
    )]
    [InlineData(
        "PostgreSql",
        "redis:6379",
        "PostgreSql",
        "fault: ConnectionStrings:Cluster: is not an address for Cluster:Provider PostgreSql, such as Host=database;Database=notify;Username=notify;Password=...."
    )]
    [InlineData(
        "Redis",
        "Host=database;Database=notify",
        "PostgreSql",
        "fault: ConnectionStrings:Cluster: is not an address for Cluster:Provider Redis, such as redis:6379,password=...."
    )]
    public async Task ClusterOfSeveralSilos_ThatCannotWork_IsRefused(string provider, string store, string outbox, string fault)
    {
        var settings = SiloProcess.Settings(_folder);
        if (provider.Length > 0)
            settings["Cluster__Provider"] = provider;
        settings["ConnectionStrings__Cluster"] = store;
        settings["ConnectionStrings__Outbox"] = "Host=127.0.0.1;Database=notify";
        if (outbox.Length > 0)
            settings["Outbox__Provider"] = outbox;

        Assert.Contains(fault, await RefuseAsync(settings));
    }

    [Fact]
    public async Task SiloOnOneMachine_AdvertisedToOthers_IsRefused()
    {
        var settings = SiloProcess.Settings(_folder);
        settings["Cluster__AdvertisedAddress"] = "10.1.2.3";

        Assert.Equal(
            ["fault: Cluster:AdvertisedAddress: with Cluster:Provider Localhost a silo stays on the loopback address; choose PostgreSql or Redis."],
            await RefuseAsync(settings)
        );
    }

    [Fact]
    public async Task PortsOfAnotherSilo_AreRefused()
    {
        var settings = SiloProcess.Settings(_folder);
        await using var first = SiloProcess.Start(_folder, settings);
        await first.WaitForLifeAsync();

        var faults = await RefuseAsync(settings);

        Assert.Equal(3, faults.Length);
        Assert.StartsWith("fault: Cluster:GatewayPort: another process listens on port", faults[0]);
        Assert.StartsWith("fault: Cluster:SiloPort: another process listens on port", faults[1]);
        Assert.StartsWith("fault: Urls: another process listens on port", faults[2]);
    }

    [Fact]
    public async Task PortsOfAnotherAddress_AreNotInTheWay()
    {
        var settings = SiloProcess.Settings(_folder);
        var ports = ((string[])[settings["Cluster__SiloPort"]!, settings["Cluster__GatewayPort"]!, settings["ASPNETCORE_URLS"]!.Split(':')[^1]]).Select(
            int.Parse
        );
        var listeners = ports.Select(port => new TcpListener(IPAddress.Parse("127.0.0.2"), port)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            await using var silo = SiloProcess.Start(_folder, settings);

            await silo.WaitForLifeAsync();
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    /// <summary>Starts a silo that must end by itself, and returns all of its output, in order of the alphabet.</summary>
    private async Task<string[]> RefuseAsync(Dictionary<string, string?> settings)
    {
        await using var silo = SiloProcess.Start(_folder, settings);
        await silo.WaitForEndAsync();
        Assert.Equal(1, silo.Process.ExitCode);
        return [.. silo.Process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}

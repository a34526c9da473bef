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
        settings["Cluster__Nonsense"] = "1";
        settings["Outbox__Provider"] = "Etcd";
        settings["Outbox__Path"] = " ";
        settings["Outbox__TimeToLive"] = "a week";
        settings["Outbox__MaxMessagesPerUser"] = "many";
        settings["Outbox__MaxBytesPerUser"] = "0";
        settings["Mailbox__StoreAfter"] = "1.00:00:00";
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
            "fault: Cluster:GatewayPort: must be from 1 to 65535, is 70000.",
            "fault: Cluster:Nonsense: there is no such setting.",
            "fault: Cluster:Provider: Redis is not available yet; use Localhost.",
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

    /// <summary>Starts a silo that must end by itself, and returns all of its output, in order of the alphabet.</summary>
    private async Task<string[]> RefuseAsync(Dictionary<string, string?> settings)
    {
        await using var silo = SiloProcess.Start(_folder, settings);
        await silo.WaitForEndAsync();
        Assert.Equal(1, silo.Process.ExitCode);
        return [.. silo.Process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}

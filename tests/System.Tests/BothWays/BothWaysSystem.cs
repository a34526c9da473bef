using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using RabbitMQ.Client;

namespace NotifyOrleans.System.Tests.BothWays;

/// <summary>
/// A system with the shipped rules for the broker's own protocols, and a role <c>auditor</c> that reads the exchange <c>orders</c> but for <c>private.#</c>.
/// </summary>
public sealed class BothWaysSystem : IAsyncLifetime
{
    public RunningSystem System { get; } = new() { HasMqtt = true };

    public HttpClient Silo { get; private set; } = null!;

    /// <summary>The broker's own Web STOMP.</summary>
    public Uri WebStompAddress => new($"ws://127.0.0.1:{System.Broker.WebStompPort}/ws");

    public async Task InitializeAsync()
    {
        foreach (var line in File.ReadAllLines(Repository.PathOf("docker", "broker-clients.env")).Where(line => line.Contains('=') && !line.StartsWith('#')))
            System.SiloSettings.Add(line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..]);
        AddRule(0, ("Resource", "exchange"), ("Name", "orders"), ("Permissions", "read"));
        AddRule(1, ("Resource", "topic"), ("Name", "orders"), ("Permissions", "read"), ("Key", "#"));
        AddRule(2, ("Resource", "topic"), ("Name", "*"), ("Permissions", "read"), ("Key", "private.#"), ("Effect", "Deny"));
        await System.InitializeAsync();
        Silo = new HttpClient { BaseAddress = System.Silo.Address };
        await using var connection = await new ConnectionFactory { Uri = System.Broker.Uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("orders", ExchangeType.Topic, durable: true);
    }

    public async Task DisposeAsync()
    {
        Silo?.Dispose();
        await System.DisposeAsync();
    }

    private void AddRule(int number, params (string Field, string Value)[] fields)
    {
        foreach (var (field, value) in fields.Append(("Role", "auditor")))
            System.SiloSettings.Add($"Authority__Rules__{number}__{field}", value);
    }
}

using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Silo.Tests.Authority.Listening;

/// <summary>A broker with the shipped cache, that asks by GET and under mutual TLS.</summary>
public sealed class CachingBrokerTests : IAsyncLifetime
{
    private readonly TestCertificates _certificates = new();
    private AuthoritySilo _silo = null!;
    private RabbitMqBroker _broker = null!;

    public async Task InitializeAsync()
    {
        var port = FreePort.Next();
        _certificates.IssueForServer("silo").Dispose();
        _certificates.IssueForClient("broker").Dispose();
        _broker = RabbitMqBroker.NotStarted(options =>
        {
            options.Authority = new Uri($"https://localhost:{port}/");
            options.ExtraConfig.AddRange(File.ReadAllLines(Repository.PathOf("docker", "rabbitmq", "cache.conf")));
            options.ExtraConfig.Add("auth_http.http_method = get");
            options.ExtraAdvancedConfig.Add(
                $$"""
                {rabbitmq_auth_backend_http, [{ssl_options, [
                  {cacertfile, "{{_certificates.AuthorityFile}}"},
                  {certfile, "{{_certificates.FileOf("broker")}}"},
                  {keyfile, "{{_certificates.KeyFileOf("broker")}}"},
                  {verify, verify_peer}]}]}
                """
            );
        });
        var settings = TestIssuers.Settings;
        settings["Authority:Endpoint:Url"] = $"https://127.0.0.1:{port}";
        settings["Authority:Endpoint:Certificate:Path"] = _certificates.FileOf("silo");
        settings["Authority:Endpoint:Certificate:KeyPath"] = _certificates.KeyFileOf("silo");
        settings["Authority:Endpoint:ClientAuthorities"] = _certificates.AuthorityFile;
        settings["Authority:BrokerManagement"] = $"http://guest:guest@127.0.0.1:{_broker.ManagementPort}";
        _silo = await AuthoritySilo.StartAsync(settings);
        await _broker.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _silo.DisposeAsync();
        _certificates.Dispose();
    }

    [Fact]
    public async Task Broker_WithTheShippedCache_ByGetAndTls_TakesGoodTokens_AndNoRevokedOnesForLong()
    {
        var token = TestToken.IssuedIn(-5, "alice", "service");
        var connection = await ConnectAsync("alice", token.Text);
        await using (var channel = await connection.CreateChannelAsync())
            await channel.ExchangeDeclareAsync("mine", ExchangeType.Topic);
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync("alice", (token with { Lifetime = TimeSpan.FromHours(-1) }).Text));
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync("bob", token.Text));
        await using (await ConnectAsync("a b&c", new TestToken("a b&c").Text)) { }
        var connections = new List<IConnection> { connection };

        using var reply = await _silo.RevokeAsync(new { user = "alice" });

        // Let in from the cache, some of them.
        await Wait.Until(async () => !await TryConnectAsync("alice", token.Text, connections), "the revoked token to be refused");
        await Wait.Until(() => connections.TrueForAll(each => !each.IsOpen), "all connections of the revoked user to be closed");
        foreach (var each in connections)
            await each.DisposeAsync();
        await using (await ConnectAsync("alice", TestToken.IssuedIn(60, "alice").Text)) { }
    }

    private async Task<bool> TryConnectAsync(string user, string password, List<IConnection> connections)
    {
        try
        {
            connections.Add(await ConnectAsync(user, password));
            return true;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }

    private Task<IConnection> ConnectAsync(string user, string password) =>
        new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = _broker.AmqpPort,
            UserName = user,
            Password = password,
            AutomaticRecoveryEnabled = false,
        }.CreateConnectionAsync();
}

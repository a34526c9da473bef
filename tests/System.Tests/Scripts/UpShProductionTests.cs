using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.System.Tests.Scripts;

/// <summary><c>scripts/up.sh</c> in another environment than <c>Development</c>, which creates no sources.</summary>
[Collection(StartedByScriptsCollection.Name)]
public sealed class UpShProductionTests(StartedByScripts built) : IAsyncLifetime
{
    private StartedByScripts _system = null!;

    public async Task InitializeAsync() => _system = await built.BesideAsync();

    public Task DisposeAsync() => _system.DisposeAsync();

    [Fact]
    public async Task Up_SourceIsMissing_SaysSoAndIsReadyWhenItIsThere()
    {
        _system.Begin(
            settings: new()
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["Authority__Issuers__0__Issuer"] = "tests",
                ["Authority__Issuers__0__Audience"] = "tests",
                ["Authority__Issuers__0__SigningKey"] = new string('k', 32),
            }
        );
        await _system.SaysAsync("silo-1 waits: nothing comes from notifications: NOT_FOUND - no exchange 'notifications' in vhost '/'. ");

        await using (var publisher = await Publisher.ConnectAsync(_system.BrokerToBe))
            await publisher.Channel.ExchangeDeclareAsync(Publisher.Exchange, ExchangeType.Topic, durable: true);

        await _system.ReadyAsync();
    }
}

using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Silo.Ingress;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Ingress;

public sealed class IngressOptionsTests
{
    private static readonly SourceOptions Sound = new()
    {
        Exchange = "notifications",
        Bindings = ["#"],
        Users = ["user.{user}.#"],
    };

    [Fact]
    public void Validate_ShippedDefaults_HaveNoFault() => Assert.Empty(Faults(new IngressOptions { Sources = [Sound] }));

    [Fact]
    public void Validate_EverythingWrong_NamesEveryFault()
    {
        var options = new IngressOptions
        {
            Partitions = 65,
            Prefetch = 0,
            MaxMessageBytes = 10,
            HashHeader = "",
            Sources =
            [
                new SourceOptions(),
                Sound with
                {
                    Users = ["user.x", "user.{user}.{user}", "#.{user}"],
                },
                Sound with
                {
                    Bindings = [new string('x', 256)],
                },
                Sound with
                {
                    Exchange = "notifyorleans.ingress.8",
                },
            ],
        };

        var faults = Faults(options, "http://not-amqp");

        string[] expected =
        [
            "ConnectionStrings:RabbitMq:",
            "Ingress:Partitions: 65",
            "Ingress:Prefetch: 0",
            "Ingress:MaxMessageBytes: 10",
            "Ingress:HashHeader:",
            "Ingress:Sources:0:Exchange: names no",
            "Ingress:Sources:0:Bindings: there is none",
            "Ingress:Sources:1:Users: 'user.x'",
            "Ingress:Sources:1:Users: 'user.{user}.{user}'",
            "Ingress:Sources:1:Users: '#.{user}'",
            "Ingress:Sources:2:Exchange: 'notifications' is a source already",
            "Ingress:Sources:2:Bindings: 'xxx",
            "Ingress:Sources:3:Exchange: 'notifyorleans.ingress.8'",
        ];
        foreach (var fault in expected)
            Assert.Single(faults, text => text.StartsWith(fault, StringComparison.Ordinal));
        Assert.Equal(expected.Length, faults.Count);
    }

    [Theory]
    [InlineData(1, null, 8000)]
    [InlineData(4, null, 2000)]
    [InlineData(16, null, 1000)]
    [InlineData(1, 300, 300)]
    public void Prefetch_IsSharedByThePartitions_UnlessItIsSet(int partitions, int? prefetch, int expected) =>
        Assert.Equal(expected, new IngressOptions { Partitions = partitions, Prefetch = prefetch }.PrefetchOfPartition);

    [Fact]
    public void Validate_NoSource_IsAFault() => Assert.Equal(["Ingress:Sources: there is none."], Faults(new IngressOptions()));

    [Theory]
    [InlineData("amqp://user:secret@host")]
    [InlineData("amqps://host/vhost")]
    public void Validate_BrokerAddress_IsTaken(string address) => Assert.Empty(Faults(new IngressOptions { Sources = [Sound] }, address));

    [Fact]
    public void Validate_BrokerAddressIsWrong_PasswordIsNotShown() =>
        Assert.DoesNotContain(Faults(new IngressOptions { Sources = [Sound] }, "amqp//user:secret@host"), fault =>
            fault.Contains("secret", StringComparison.Ordinal)
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sources_WhoseSettingsSayNothing_AllHaveTheDefaults(bool development)
    {
        using var silo = Configure("""{"Ingress": {"Sources": {"1": {"Exchange": "shop"}}}}""", development);

        var sources = SourcesOf(silo);
        Assert.Equal(["notifications", "shop"], sources.Select(source => source.Exchange));
        Assert.All(sources, source =>
            Assert.Equal(("#", "user.{user}.#", development), (Assert.Single(source.Bindings), Assert.Single(source.Users), source.Declare))
        );
        Assert.All(silo.GetRequiredService<SourceRoutes>().Descriptions, source => Assert.Equal(["user.{user}.#"], source.Users));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"\"")]
    public void Sources_WithoutUsers_AreTopicsAlone(string nothing)
    {
        using var silo = Configure($$$"""{"Ingress": {"Sources": [{"Users": {{{nothing}}}}, {"Exchange": "news", "Users": {{{nothing}}}}]}}""");

        Assert.All(SourcesOf(silo), source => Assert.Equal(("#", 0), (Assert.Single(source.Bindings), source.Users.Length)));
    }

    [Fact]
    public void Sources_WithSettingsOfTheirOwn_HaveThoseAlone()
    {
        using var silo = Configure(
            """{"Ingress": {"Sources": [{"Exchange": "a", "Declare": false}, {"Exchange": "shop", "Bindings": ["order.#", "cart.#"], "Users": ["order.*.{user}"], "Declare": false}]}}""",
            development: true
        );

        var sources = SourcesOf(silo);
        Assert.Equal(["a", "shop"], sources.Select(source => source.Exchange));
        Assert.Equal(["order.#", "cart.#"], sources[1].Bindings);
        Assert.Equal(["order.*.{user}"], sources[1].Users);
        Assert.All(sources, source => Assert.False(source.Declare));
    }

    private static SourceOptions[] SourcesOf(IServiceProvider silo) => silo.GetRequiredService<IOptions<IngressOptions>>().Value.Sources;

    /// <summary>The ingress of a silo, as it is before its start, with the shipped settings and these.</summary>
    private static ServiceProvider Configure(string settings, bool development = false)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = Repository.PathOf("src", "Silo"), EnvironmentName = development ? "Development" : "Production" }
        );
        builder
            .Configuration.AddInMemoryCollection([new("ConnectionStrings:RabbitMq", "amqp://localhost")])
            .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(settings)));
        builder.AddIngress();
        return builder.Services.BuildServiceProvider();
    }

    private static IReadOnlyList<string> Faults(IngressOptions options, string? address = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:RabbitMq", address)]).Build();
        return [.. new IngressOptionsValidator(configuration).Validate(null, options).Failures ?? []];
    }
}

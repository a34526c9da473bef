using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;

namespace NotifyOrleans.Hosting.Broker;

/// <summary>Where the broker is: <c>ConnectionStrings:RabbitMq</c>, as an AMQP address.</summary>
public sealed class BrokerAddress(IConfiguration configuration)
{
    public const string Setting = "RabbitMq";

    /// <summary>A broker on this machine, for development.</summary>
    private const string Default = "amqp://guest:guest@127.0.0.1:5672/%2f";

    private readonly Lazy<ConnectionFactory> _factory = new(() => Parse(configuration.GetConnectionString(Setting)));

    /// <summary>The virtual host that notifications come from and clients are in.</summary>
    public string Vhost => _factory.Value.VirtualHost;

    /// <summary>A factory of connections; the caller may change it.</summary>
    public ConnectionFactory CreateFactory() => Parse(configuration.GetConnectionString(Setting));

    /// <summary>What is wrong with the setting; the address itself is not shown, since it holds a password.</summary>
    public static IEnumerable<string> FindFaults(IConfiguration configuration)
    {
        if (!IsAddress(configuration.GetConnectionString(Setting)))
            yield return $"ConnectionStrings:{Setting}: is not an address such as amqp://user:password@host:5672/%2f.";
    }

    private static bool IsAddress(string? text)
    {
        try
        {
            Parse(text);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or UriFormatException)
        {
            return false;
        }
    }

    private static ConnectionFactory Parse(string? text) => new() { Uri = new Uri(string.IsNullOrEmpty(text) ? Default : text) };
}

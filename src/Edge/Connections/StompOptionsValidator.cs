using System.Net;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Connections.Tcp;
using NotifyOrleans.Edge.Connections.WebSockets;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Connections;

/// <summary>Names every fault of section <c>Stomp</c>.</summary>
internal sealed class StompOptionsValidator(IConfiguration configuration) : IValidateOptions<StompOptions>
{
    private const string Certificate = "Kestrel:Certificates:Default";

    public ValidateOptionsResult Validate(string? name, StompOptions options)
    {
        var faults = new List<string>();
        if (options.Path is not ['/', _, ..] || options.Path.Contains('{', StringComparison.Ordinal))
            faults.Add($"Stomp:Path: '{options.Path}' is not a path such as /ws.");
        for (var i = 0; i < options.AllowedOrigins.Count; i++)
        {
            if (!OriginCheck.IsOrigin(options.AllowedOrigins[i]))
                faults.Add($"Stomp:AllowedOrigins:{i}: '{options.AllowedOrigins[i]}' is not an origin such as https://app.example.org.");
        }
        Listener(nameof(options.Tcp), options.Tcp);
        Listener(nameof(options.Tls), options.Tls);
        if (options.Tls.Enabled && !configuration.GetSection(Certificate).GetChildren().Any())
            faults.Add($"{Certificate}:Path: is missing; Stomp:Tls needs a certificate.");
        // A CONNECT with a token does not fit into less than 1 KiB.
        AtLeast(nameof(options.MaxFrameBytes), options.MaxFrameBytes, 1024);
        AtLeast(nameof(options.MaxFrameBytesBeforeLogin), options.MaxFrameBytesBeforeLogin, 1024);
        AtLeast(nameof(options.MaxHeaders), options.MaxHeaders, 10);
        AtLeast(nameof(options.MaxHeaderLineBytes), options.MaxHeaderLineBytes, 256);
        AtLeast("Compression:MinBytes", options.Compression.MinBytes, 0);
        AtLeast(nameof(options.MaxSubscriptions), options.MaxSubscriptions, 1);
        AtLeast(nameof(options.MaxTransactions), options.MaxTransactions, 1);
        AtLeast(nameof(options.MaxTransactionActions), options.MaxTransactionActions, 1);
        AtLeast(nameof(options.MaxTransactionBytes), options.MaxTransactionBytes, 1);
        AtLeast(nameof(options.DefaultPrefetch), options.DefaultPrefetch, 1);
        AtLeast(nameof(options.AutoWindowBytes), options.AutoWindowBytes, 1);
        AtLeast(nameof(options.AckWindowBytes), options.AckWindowBytes, 1);
        AtLeast(nameof(options.SessionWindowBytes), options.SessionWindowBytes, 64 * 1024);
        AtLeast(nameof(options.MaxQueuedBytes), options.MaxQueuedBytes, 1);
        AtLeast(nameof(options.MaxUnconfirmed), options.MaxUnconfirmed, 1);
        AtLeast(nameof(options.MaxUnconfirmedBytes), options.MaxUnconfirmedBytes, 1);
        Between(nameof(options.LoginTimeout), options.LoginTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        AtLeast("Refusals:PerAddress", options.Refusals.PerAddress, 1);
        AtLeast("Refusals:PerUser", options.Refusals.PerUser, 1);
        Above0("Refusals:PerAddressAndSecond", options.Refusals.PerAddressAndSecond);
        Above0("Refusals:PerUserAndSecond", options.Refusals.PerUserAndSecond);
        Between("Refusals:Delay", options.Refusals.Delay, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        AtLeast("Drain:SessionsPerSecond", options.Drain.SessionsPerSecond, 1);
        Between("Drain:Timeout", options.Drain.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between("Drain:RetryJitter", options.Drain.RetryJitter, TimeSpan.Zero, TimeSpan.FromHours(1));
        Between(nameof(options.WriteTimeout), options.WriteTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between(nameof(options.PingInterval), options.PingInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;

        void Listener(string setting, TcpOptions listener)
        {
            if (!listener.Enabled)
                return;
            if (listener.Address.Length > 0 && !IPAddress.TryParse(listener.Address, out _))
                faults.Add($"Stomp:{setting}:Address: '{listener.Address}' is not an IP address.");
            if (listener.Port is < 1 or > IPEndPoint.MaxPort)
                faults.Add($"Stomp:{setting}:Port: {listener.Port} is not between 1 and {IPEndPoint.MaxPort}.");
            else if (ListeningPorts.IsTaken(IPAddress.TryParse(listener.Address, out var address) ? address : IPAddress.Any, listener.Port))
                faults.Add($"Stomp:{setting}:Port: another process listens on port {listener.Port}.");
        }

        void AtLeast(string setting, int value, int least)
        {
            if (value < least)
                faults.Add($"Stomp:{setting}: {value} is below {least}.");
        }

        void Above0(string setting, double value)
        {
            if (!(value > 0 && double.IsFinite(value)))
                faults.Add($"Stomp:{setting}: {value} is not above 0.");
        }

        void Between(string setting, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
                faults.Add($"Stomp:{setting}: {value} is not between {least} and {most}.");
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Edge.Connections.Refusals;

/// <summary>
/// Slows down who is refused too often, by address, and by login and address: his refusal comes late. The token was judged by then as any other, so that
/// nobody's failures lock out anybody else, and what is answered does not differ.
/// </summary>
internal sealed class RefusalLimits(IOptions<StompOptions> options, ConnectionMetrics metrics, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private readonly TimeSpan _delay = TimeSpan.FromTicks(Math.Min(options.Value.Refusals.Delay.Ticks, options.Value.LoginTimeout.Ticks / 2));
    private readonly RefusalBuckets _addresses = new(options.Value.Refusals.PerAddress, options.Value.Refusals.PerAddressAndSecond);
    private readonly RefusalBuckets _users = new(options.Value.Refusals.PerUser, options.Value.Refusals.PerUserAndSecond);

    /// <summary>Counts a CONNECT that is refused; returns when its client may be told.</summary>
    /// <param name="address">Where it came from; of what is no address nothing is counted.</param>
    /// <param name="login">Who it said it was; empty = only the address counts.</param>
    public async Task WaitAsync(string address, string login)
    {
        if (_delay == TimeSpan.Zero || !IPAddress.TryParse(address, out var peer) || IsWithin(NetworkOf(peer), login))
            return;
        metrics.RefusalDelayed();
        await Task.Delay(_delay, time, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private bool IsWithin(string network, string login)
    {
        var now = time.GetElapsedTime(0).Ticks;
        // Both count, whatever the first says.
        var ofUser = login.Length == 0 || _users.TryAdd(HashCode.Combine(network, login), now);
        return _addresses.TryAdd(network.GetHashCode(StringComparison.Ordinal), now) && ofUser;
    }

    /// <summary>Who has one address of IPv6 has its whole network.</summary>
    private static string NetworkOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.MapToIPv4().ToString();
}

using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>
/// From where users may enter a vhost, with the semantics of rabbitmq_auth_backend_ip_range: the ranges of all of the user's roles together, or the default
/// ones when no role of his has any; who is inside the broker, and so has no address, always may.
/// </summary>
public sealed class AddressRanges
{
    /// <summary>Nothing is configured: from everywhere.</summary>
    public static readonly AddressRanges Everywhere = new([]);

    private readonly FrozenDictionary<string, IPNetwork[]> _ofRoles;

    // Null: from everywhere.
    private readonly IPNetwork[]? _default;

    private AddressRanges(IReadOnlyCollection<(string Role, IPNetwork[] Networks)> ranges)
    {
        var byRole = ranges.ToLookup(range => range.Role, range => range.Networks);
        _default = byRole[""].Any() ? [.. byRole[""].SelectMany(networks => networks)] : null;
        _ofRoles = byRole
            .Where(range => range.Key.Length > 0)
            .ToFrozenDictionary(range => range.Key, range => range.SelectMany(networks => networks).ToArray());
    }

    /// <summary>Roles that have ranges.</summary>
    public IEnumerable<string> Roles => _ofRoles.Keys;

    /// <summary>Configured ranges, known to be without fault.</summary>
    public static AddressRanges From(IEnumerable<AddressRangeOptions> options) =>
        new([.. options.Select(range => (range.Role, Read(range, AuthorityOptions.Section, []).ToArray()))]);

    /// <summary>The networks of one entry.</summary>
    /// <param name="options">The entry as it is configured.</param>
    /// <param name="path">Where it stands in the configuration.</param>
    /// <param name="faults">Takes the faults.</param>
    internal static List<IPNetwork> Read(AddressRangeOptions options, string path, ICollection<string> faults)
    {
        var networks = new List<IPNetwork>();
        var words = options.Ranges.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            faults.Add($"{path}:Ranges: is empty; 0.0.0.0/0, ::/0 is everywhere.");
        foreach (var word in words)
        {
            if (IPNetwork.TryParse(word, out var network))
                networks.Add(network);
            else if (!word.Contains('/', StringComparison.Ordinal) && IPAddress.TryParse(word, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                faults.Add($"{path}:Ranges: '{word}' is neither an address nor a network such as 10.0.0.0/8.");
        }
        return networks;
    }

    /// <summary>Whether a user with these roles may come from there.</summary>
    /// <param name="roles">All of them, also those that have ended: they still restrict.</param>
    /// <param name="address">The peer's address as text; null, empty, <c>unknown</c> or <c>undefined</c> inside of the broker.</param>
    public bool Allow(IEnumerable<string> roles, string? address)
    {
        if (address is null or "" or "unknown" or "undefined")
            return true;
        var ranges = roles.SelectMany(role => _ofRoles.GetValueOrDefault(role, [])).ToArray();
        var networks = ranges.Length > 0 ? ranges : _default;
        return networks is null || (IPAddress.TryParse(address, out var peer) && networks.Any(network => Contains(network, peer)));
    }

    /// <summary>
    /// The broker tells an IPv4 client's address in IPv6's form when it listens for both, an edge in its own: so both are one address here. (In the reference a
    /// range of IPv4 holds only the latter.)
    /// </summary>
    private static bool Contains(IPNetwork network, IPAddress address)
    {
        if (network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6)
            return Holds(network, address.MapToIPv6().GetAddressBytes());
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetwork && network.Contains(plain);
    }

    private static bool Holds(IPNetwork network, byte[] address)
    {
        var start = network.BaseAddress.GetAddressBytes();
        var (whole, rest) = Math.DivRem(network.PrefixLength, 8);
        return address.AsSpan(0, whole).SequenceEqual(start.AsSpan(0, whole)) && (rest == 0 || (address[whole] ^ start[whole]) >> (8 - rest) == 0);
    }
}

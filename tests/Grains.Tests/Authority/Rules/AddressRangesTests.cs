using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Rules;

namespace NotifyOrleans.Grains.Tests.Authority.Rules;

/// <summary>As rabbitmq_auth_backend_ip_range decides, but that the forms of an IPv4 address are one.</summary>
public class AddressRangesTests
{
    private static readonly AddressRanges Ranges = AddressRanges.From([
        new() { Role = "office", Ranges = "192.168.0.0/16, 2001:db8::/32" },
        new() { Role = "both", Ranges = "::ffff:10.0.0.0/104" },
        new() { Role = "one", Ranges = "172.16.0.1" },
        new() { Ranges = "127.0.0.0/8" },
    ]);

    [Theory]
    [InlineData("office", "192.168.255.1", true)]
    [InlineData("office", "192.169.0.1", false)]
    [InlineData("office", "2001:db8:1::1", true)]
    [InlineData("office", "127.0.0.1", false)]
    // The two forms of an IPv4 address are one.
    [InlineData("office", "::ffff:192.168.0.1", true)]
    [InlineData("office", "::ffff:192.169.0.1", false)]
    [InlineData("both", "10.1.2.3", true)]
    [InlineData("both", "::ffff:10.1.2.3", true)]
    [InlineData("both", "11.1.2.3", false)]
    [InlineData("one", "172.16.0.1", true)]
    [InlineData("one", "172.16.0.2", false)]
    // The ranges of all roles together.
    [InlineData("office one", "172.16.0.1", true)]
    [InlineData("office other", "127.0.0.1", false)]
    // The default ones count for those without.
    [InlineData("", "127.0.0.1", true)]
    [InlineData("other", "127.9.9.9", true)]
    [InlineData("other", "192.168.0.1", false)]
    // Inside of the broker.
    [InlineData("office", null, true)]
    [InlineData("office", "", true)]
    [InlineData("office", "unknown", true)]
    [InlineData("office", "undefined", true)]
    [InlineData("office", "nonsense", false)]
    public void Allow_ByRolesAndAddress(string roles, string? address, bool allowed) =>
        Assert.Equal(allowed, Ranges.Allow(roles.Split(' ', StringSplitOptions.RemoveEmptyEntries), address));

    [Fact]
    public void Allow_WithoutDefaultRanges_FromEverywhere()
    {
        var ranges = AddressRanges.From([new() { Role = "office", Ranges = "10.0.0.0/8" }]);
        Assert.True(ranges.Allow(["other"], "8.8.8.8"));
        Assert.True(ranges.Allow([], "::1"));
        Assert.False(ranges.Allow(["office"], "8.8.8.8"));
    }

    [Fact]
    public void Validate_EveryFault_IsNamed()
    {
        var options = new AuthorityOptions { AddressRanges = [new() { Role = "two words", Ranges = "10.0.0.0/33, here" }, new()] };
        var faults = new AuthorityOptionsValidator().Validate(null, options).Failures!.ToArray();
        string[] places =
        [
            "AddressRanges:0:Role: 'two words'",
            "AddressRanges:0:Ranges: '10.0.0.0/33'",
            "AddressRanges:0:Ranges: 'here'",
            "AddressRanges:1:Ranges: is empty",
        ];
        Assert.Equal(places.Length, faults.Length);
        Assert.All(places, place => Assert.Contains(faults, fault => fault.Contains(place, StringComparison.Ordinal)));
    }
}

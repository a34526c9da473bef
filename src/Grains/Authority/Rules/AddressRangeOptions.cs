namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>From where bearers of a role may enter a vhost: <c>Authority:AddressRanges:N</c>.</summary>
public sealed class AddressRangeOptions
{
    /// <summary>The role; empty = whoever has none of the roles that other ranges name.</summary>
    public string Role { get; init; } = "";

    /// <summary>
    /// Networks or addresses, with commas or blanks between them. <c>10.0.0.0/8</c> and <c>::ffff:10.0.0.0/104</c> are the same.
    /// </summary>
    public string Ranges { get; init; } = "";
}

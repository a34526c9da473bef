namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Username">The login; must equal the token's user claim.</param>
/// <param name="Password">The token.</param>
/// <param name="Vhost">The virtual host, where the asking protocol names one.</param>
/// <param name="LoginOptional">The edge lets the login be empty or absent: the token alone says who it is. The broker does not.</param>
/// <param name="Ip">The peer's address, when known; from where the virtual host is entered.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.UserQuestion")]
public sealed record UserQuestion(
    [property: Id(0)] string? Username,
    [property: Id(1)] string? Password,
    [property: Id(2)] string? Vhost,
    [property: Id(3)] bool LoginOptional,
    [property: Id(4)] string? Ip = null
)
{
    /// <summary>Never shows the token.</summary>
    public override string ToString() => $"UserQuestion {{ Vhost = {Vhost}, LoginOptional = {LoginOptional} }}";
}

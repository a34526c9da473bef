using NotifyOrleans.Grains.Authority.Issuers;
using NotifyOrleans.Grains.Authority.Rules;

namespace NotifyOrleans.Grains.Authority;

/// <summary>Settings of the token authority, configuration section <c>Authority</c>. No records here: a record's text would show the keys.</summary>
public sealed class AuthorityOptions
{
    public const string Section = "Authority";

    /// <summary>Whose tokens are taken. Configured ones replace the development issuer.</summary>
    public IssuerOptions[] Issuers { get; init; } = [];

    /// <summary>The issuer for a developer's machine; on in the environment Development when <see cref="Issuers"/> is empty.</summary>
    public DevelopmentIssuerOptions Development { get; init; } = new();

    /// <summary>An address of its own for the broker's questions.</summary>
    public AuthorityEndpointOptions Endpoint { get; init; } = new();

    /// <summary>Rules added to the default ones.</summary>
    public RuleOptions[] Rules { get; init; } = [];

    /// <summary>From where bearers of roles may enter a vhost. Default: from everywhere.</summary>
    public AddressRangeOptions[] AddressRanges { get; init; } = [];

    /// <summary>How far an issuer's clock may be from ours when a token's times are checked. Default 5 s: what NTP keeps easily.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long after its <c>iat</c> a token is taken at most, whatever its <c>exp</c> says; one without <c>iat</c> is not taken then. Revocations are
    /// forgotten when no token that they are about can be taken any more. Default: none, <c>exp</c> alone counts, and revocations are kept for good.
    /// </summary>
    public TimeSpan? MaxTokenLifetime { get; init; }

    /// <summary>
    /// The broker's management API, as <c>http://user:password@host:15672</c>, for closing the connections of those who are revoked; empty = they stay open,
    /// and whatever they ask for is denied. The user needs the broker's tag <c>administrator</c>.
    /// </summary>
    public string BrokerManagement { get; init; } = "";

    /// <summary>The claim that says who the bearer is.</summary>
    public string UserClaim { get; init; } = "sub";

    /// <summary>The claim that holds roles: an array, or text with blanks between them.</summary>
    public string RolesClaim { get; init; } = "roles";

    /// <summary>
    /// The claim that holds scopes: text with blanks between them (RFC 8693, 4.2). Scopes in RabbitMQ's form allow what they say, see
    /// <see cref="ScopePrefix"/>.
    /// </summary>
    public string ScopeClaim { get; init; } = "scope";

    /// <summary>
    /// What scopes in RabbitMQ's form begin with, as its <c>auth_oauth2.scope_prefix</c>: <c>rabbitmq.</c> where the issuer writes <c>rabbitmq.read:*/*</c>.
    /// Default: nothing.
    /// </summary>
    public string ScopePrefix { get; init; } = "";
}

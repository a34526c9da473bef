namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <summary>
/// The one token authority: answers the edges by this call, and the broker by HTTP from the same code. A stateless worker with the key 0.
/// Every call throws <see cref="AuthorityUnavailableException"/> when the question cannot be answered now.
/// </summary>
[Alias("NotifyOrleans.IAuthorityGrain")]
public interface IAuthorityGrain : IGrainWithIntegerKey
{
    /// <summary>Who the bearer of a token is, and whether he may enter the virtual host: two of the broker's questions at once.</summary>
    [Alias("SignIn")]
    Task<UserAnswer> SignInAsync(UserQuestion question);

    /// <summary>May the user enter the virtual host?</summary>
    [Alias("AuthorizeVhost")]
    Task<bool> AuthorizeAsync(VhostQuestion question);

    /// <summary>May the user configure, write or read an exchange or a queue?</summary>
    [Alias("AuthorizeResource")]
    Task<bool> AuthorizeAsync(ResourceQuestion question);

    /// <summary>
    /// May the user use the exchange, and write a routing key, or read every key that a pattern can match? The two questions that the broker asks for a publish
    /// or a binding, at once.
    /// </summary>
    [Alias("AuthorizeTopic")]
    Task<TopicAnswer> AuthorizeAsync(TopicQuestion question);

    /// <summary>Which of many keys may the user not write or read, each in place of the question's own? For a message that names its recipients.</summary>
    /// <returns>The first one; null when all are allowed.</returns>
    [Alias("FindRefusedKey")]
    Task<string?> FindRefusedKeyAsync(TopicQuestion question, string[] keys);

    /// <summary>
    /// What was revoked after the revocation of this number, as the asked silo knows it, at most a thousand at a time; and which rules it has.
    /// </summary>
    [Alias("GetRevocations")]
    Task<RevocationPage> GetRevocationsAsync(long after);

    /// <summary>A token of the development issuer, for the demo page; null when that issuer is off.</summary>
    [Alias("IssueDevelopmentToken")]
    Task<string?> IssueDevelopmentTokenAsync(string user, string[] roles);
}

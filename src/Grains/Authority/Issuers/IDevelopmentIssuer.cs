namespace NotifyOrleans.Grains.Authority.Issuers;

/// <summary>Makes tokens for the demo page.</summary>
public interface IDevelopmentIssuer
{
    /// <summary>A token, or null when the development issuer is off.</summary>
    string? Issue(string user, string[] roles);
}

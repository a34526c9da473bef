using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Issuers;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>Names every fault of the issuers in <see cref="AuthorityOptions"/>.</summary>
internal sealed class IssuerOptionsValidator(IHostEnvironment environment) : IValidateOptions<AuthorityOptions>
{
    // What the issuer has revoked would sign in for longer.
    private static readonly TimeSpan MaxCacheTime = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, AuthorityOptions options)
    {
        var faults = new List<string>();
        for (var i = 0; i < options.Issuers.Length; i++)
            Check(options.Issuers[i], $"{AuthorityOptions.Section}:Issuers:{i}", faults);
        if (options.Issuers.Length == 0 && environment.IsDevelopment())
            CheckDevelopment(options.Development, faults);
        else if (options.Issuers.Length == 0)
            faults.Add("Authority:Issuers: is empty, so that nobody could sign in. The development issuer is on in the environment Development only.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private static void Check(IssuerOptions issuer, string path, List<string> faults)
    {
        if (issuer.Issuer.Length == 0)
            faults.Add($"{path}:Issuer: is empty; give the iss of the tokens.");
        var introspection = issuer.Introspection;
        if (issuer.Audience.Length == 0 && introspection.Address.Length == 0)
            faults.Add($"{path}:Audience: is empty; give the aud of the tokens that are for us.");
        if (new[] { issuer.SigningKey, issuer.MetadataAddress, introspection.Address }.Count(text => text.Length > 0) != 1)
            faults.Add($"{path}: needs either SigningKey, MetadataAddress or Introspection:Address.");
        if (issuer.SigningKey.Length > 0 && !SigningKey.TryParse(issuer.SigningKey, out _, out var fault))
            faults.Add($"{path}:SigningKey: {fault}.");
        if (issuer.MetadataAddress.Length > 0 && !IsSafeAddress(issuer.MetadataAddress))
            faults.Add($"{path}:MetadataAddress: '{issuer.MetadataAddress}' must be an https address, or http to this machine.");
        if (introspection.Address.Length > 0)
            Check(introspection, $"{path}:Introspection", faults);
    }

    private static void Check(IntrospectionOptions introspection, string path, List<string> faults)
    {
        if (!IsSafeAddress(introspection.Address))
            faults.Add($"{path}:Address: '{introspection.Address}' must be an https address, or http to this machine.");
        if (introspection.ClientId.Length == 0)
            faults.Add($"{path}:ClientId: is empty; give the name that the issuer knows us by.");
        if (introspection.ClientSecret.Length == 0)
            faults.Add($"{path}:ClientSecret: is empty; whoever may ask without one could try tokens until one is good.");
        if (introspection.CacheTime < TimeSpan.Zero || introspection.CacheTime > MaxCacheTime)
            faults.Add($"{path}:CacheTime: must be from 0 to {MaxCacheTime}, is {introspection.CacheTime}.");
        if (introspection.MaxCached < 1)
            faults.Add($"{path}:MaxCached: must be above 0, is {introspection.MaxCached}.");
    }

    private static void CheckDevelopment(DevelopmentIssuerOptions development, List<string> faults)
    {
        const string Path = "Authority:Development";
        if (development.SigningKey.Length == 0)
            faults.Add($"{Path}:SigningKey: is empty; give the development issuer a random secret (scripts/up.sh does), or configure Authority:Issuers.");
        else if (!SigningKey.TryParse(development.SigningKey, out var key, out var fault))
            faults.Add($"{Path}:SigningKey: {fault}.");
        else if (key.Algorithm != SecurityAlgorithms.HmacSha256)
            faults.Add($"{Path}:SigningKey: must be a secret, not a public key.");
        if (development.Lifetime <= TimeSpan.Zero)
            faults.Add($"{Path}:Lifetime: must be above 0, is {development.Lifetime}.");
    }

    private static bool IsSafeAddress(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}

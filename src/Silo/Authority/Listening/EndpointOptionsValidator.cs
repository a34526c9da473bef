using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;

namespace NotifyOrleans.Silo.Authority.Listening;

/// <summary>Names every fault of <c>Authority:Endpoint</c>.</summary>
internal sealed class EndpointOptionsValidator(IConfiguration configuration) : IValidateOptions<AuthorityOptions>
{
    private const string Path = $"{AuthorityOptions.Section}:{nameof(AuthorityOptions.Endpoint)}";
    private const string DefaultCertificate = "Kestrel:Certificates:Default";

    public ValidateOptionsResult Validate(string? name, AuthorityOptions options)
    {
        var faults = FaultsOf(options.Endpoint).ToArray();
        return faults.Length > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private IEnumerable<string> FaultsOf(AuthorityEndpointOptions endpoint)
    {
        var certificate = endpoint.Certificate;
        var isSecure = endpoint.Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        if (endpoint.Url.Length > 0 && !AuthorityListener.IsAddress(endpoint.Url))
            yield return $"{Path}:Url: '{endpoint.Url}' is not an address such as https://10.0.0.5:8082.";
        if (!isSecure && (certificate.Path.Length > 0 || endpoint.ClientAuthorities.Length > 0))
            yield return $"{Path}:Url: must be an https address for Certificate and ClientAuthorities to count.";
        if (isSecure && certificate.Path.Length == 0 && !configuration.GetSection(DefaultCertificate).GetChildren().Any())
            yield return $"{Path}:Certificate:Path: is missing; https needs a certificate.";
        if (certificate.Path.Length > 0 && !File.Exists(certificate.Path))
            yield return $"{Path}:Certificate:Path: there is no file '{certificate.Path}'.";
        if (certificate.KeyPath.Length > 0 && !File.Exists(certificate.KeyPath))
            yield return $"{Path}:Certificate:KeyPath: there is no file '{certificate.KeyPath}'.";
        if (endpoint.ClientAuthorities.Length > 0 && ClientCertificates.Read(endpoint.ClientAuthorities) is null)
            yield return $"{Path}:ClientAuthorities: '{endpoint.ClientAuthorities}' is not a readable file with certificates in PEM.";
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Placement;

namespace NotifyOrleans.Silo.Authority.Revocations;

/// <summary>
/// Closes the broker's own connections of those who are revoked, by its management API. The broker itself never looks again at who is connected.
/// </summary>
internal sealed partial class BrokerManagement(IOptions<AuthorityOptions> options, GrainReferences grains, ILogger<BrokerManagement> logger) : IDisposable
{
    /// <summary>What a client is told by the broker.</summary>
    private const string Reason = "the token was revoked";

    private readonly HttpClient? _management = options.Value.BrokerManagement.Length > 0 ? Connect(new Uri(options.Value.BrokerManagement)) : null;

    /// <summary>Whether <c>Authority:BrokerManagement</c> is set.</summary>
    public bool IsConfigured => _management is not null;

    /// <summary>Closes the connections of everybody who has shown a token that is revoked now.</summary>
    /// <returns>False when the broker could not be asked, or whoever knows the tokens that were shown.</returns>
    public async Task<bool> CloseConnectionsAsync(Revocation revocation, CancellationToken cancellationToken)
    {
        try
        {
            // By name at once: the broker's list lags behind by seconds.
            if (revocation.User is { } user)
                await CloseAsync(user, cancellationToken);
            else
                await Task.WhenAll((await FindUsersAsync(cancellationToken)).Select(found => CloseIfRevokedAsync(found, cancellationToken)));
            return true;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was: the revocation is stored. The text of a failed call to a grain names the user.
            LogNotClosed(fault is HttpRequestException ? fault.Message : fault.GetType().Name);
            return false;
        }
    }

    public void Dispose() => _management?.Dispose();

    private async Task<IEnumerable<string>> FindUsersAsync(CancellationToken cancellationToken)
    {
        var connections = await _management!.GetFromJsonAsync<Connection[]>("api/connections?columns=user", cancellationToken);
        return connections!.Select(connection => connection.User).OfType<string>().Distinct();
    }

    private async Task CloseIfRevokedAsync(string user, CancellationToken cancellationToken)
    {
        if (await grains.TokensOf(user).HasRevokedAsync(user))
            await CloseAsync(user, cancellationToken);
    }

    private async Task CloseAsync(string user, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"api/connections/username/{Uri.EscapeDataString(user)}");
        request.Headers.Add("X-Reason", Reason);
        using var reply = await _management!.SendAsync(request, cancellationToken);
        // Nobody of that name.
        if (reply.StatusCode != HttpStatusCode.NotFound)
            reply.EnsureSuccessStatusCode();
    }

    private static HttpClient Connect(Uri address)
    {
        var http = new HttpClient { BaseAddress = new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(5) };
        if (address.UserInfo.Length > 0)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo)))
            );
        }
        return http;
    }

    private sealed record Connection(string? User);
}

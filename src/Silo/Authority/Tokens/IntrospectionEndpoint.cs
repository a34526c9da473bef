using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Issuers;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>An issuer's introspection endpoint (RFC 7662, 2). What it answers is held to the same as a signed token: issuer, audience, times, user.</summary>
internal sealed class IntrospectionEndpoint : IDisposable
{
    /// <summary>Questions under way at a time: enough for some thousand a second, and no flood when somebody makes tokens up.</summary>
    private const int MaxConnections = 32;

    /// <summary>The largest answer that is read, in bytes: people's tokens say 1-4 KiB.</summary>
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>Below the broker's patience with an answer (5 s in docker/rabbitmq).</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>The issuer may move to another address.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly IssuerOptions _issuer;
    private readonly AuthorityOptions _authority;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public IntrospectionEndpoint(IssuerOptions issuer, AuthorityOptions authority, TimeProvider time)
    {
        (_issuer, _authority, _time) = (issuer, authority, time);
        // A redirect would show token and secret to somebody else.
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = MaxConnections,
            PooledConnectionLifetime = ConnectionLifetime,
            AllowAutoRedirect = false,
        };
        _http = new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = MaxAnswerBytes };
        _http.DefaultRequestHeaders.Authorization = CredentialsOf(issuer.Introspection);
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>What the issuer says of a token.</summary>
    /// <exception cref="HttpRequestException">It cannot be asked, or does not know us.</exception>
    /// <exception cref="TaskCanceledException">It did not answer in time.</exception>
    /// <exception cref="JsonException">It does not answer as RFC 7662 has it.</exception>
    public async Task<Introspection> AskAsync(string token)
    {
        using var form = new FormUrlEncodedContent([new("token", token), new("token_type_hint", "access_token")]);
        using var reply = await _http.PostAsync(new Uri(_issuer.Introspection.Address), form);
        reply.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await reply.Content.ReadAsByteArrayAsync());
        if (answer.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("The answer is no object.");
        return Judge(answer.RootElement, token);
    }

    public void Dispose() => _http.Dispose();

    private Introspection Judge(JsonElement answer, string token)
    {
        var now = _time.GetUtcNow();
        if (!answer.TryGetProperty("active", out var active) || active.ValueKind != JsonValueKind.True)
            return Introspection.Refused("inactive");
        if (answer.TryGetProperty("iss", out var issuer) && !(issuer.ValueKind == JsonValueKind.String && issuer.GetString() == _issuer.Issuer))
            return Introspection.Refused("issuer");
        if (_issuer.Audience.Length > 0 && !(answer.TryGetProperty("aud", out var audience) && AudiencesOf(audience).Contains(_issuer.Audience)))
            return Introspection.Refused("audience");
        if (TokenClaims.TimeOf(answer, "exp") is not { } end)
            return Introspection.Refused("no_expiry");
        if (end + _authority.ClockSkew <= now)
            return Introspection.Refused("expired");
        if (TokenClaims.TimeOf(answer, "nbf") is { } start && start - _authority.ClockSkew > now)
            return Introspection.Refused("not_yet_valid");
        return TokenClaims.Read(answer, token, end, _authority) is { } verified ? new Introspection(verified, "") : Introspection.Refused("user");
    }

    /// <summary>One text, or an array of them; a text with blanks is one.</summary>
    private static IEnumerable<string?> AudiencesOf(JsonElement audience) =>
        audience.ValueKind switch
        {
            JsonValueKind.String => [audience.GetString()],
            JsonValueKind.Array => audience.EnumerateArray().Where(element => element.ValueKind == JsonValueKind.String).Select(element => element.GetString()),
            _ => [],
        };

    private static AuthenticationHeaderValue CredentialsOf(IntrospectionOptions options) =>
        new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(options.ClientSecret)}")));
}

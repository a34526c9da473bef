using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

/// <summary>An issuer that publishes its keys (OpenID Connect discovery) and says what a token is worth (RFC 7662), on a free port.</summary>
internal sealed class IssuerServer : IAsyncDisposable
{
    public const string ClientId = "silo:1";
    public const string ClientSecret = "päss word";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, object> _opaque = new();

    private IssuerServer(WebApplication app, RsaSecurityKey[] keys) => (_app, Keys) = (app, keys);

    public string Address => _app.Urls.Single();

    public string MetadataAddress => $"{Address}/.well-known/openid-configuration";

    /// <summary>The keys that it publishes.</summary>
    public RsaSecurityKey[] Keys { get; set; }

    /// <summary>Answers everything, in place of what it would; null when it is well.</summary>
    public IResult? Fault { get; set; }

    /// <summary>How often its metadata was fetched.</summary>
    public int Fetched { get; private set; }

    /// <summary>What it waits for before it shows its keys.</summary>
    public Task Publishing { get; set; } = Task.CompletedTask;

    /// <summary>The tokens that it was asked about.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What it waits for before it says what a token is worth.</summary>
    public Task Answering { get; set; } = Task.CompletedTask;

    /// <summary>The settings of an issuer that is known by its keys.</summary>
    public static Dictionary<string, string?> ByKeys(params IssuerServer[] issuers) =>
        issuers
            .Index()
            .SelectMany(issuer => new Dictionary<string, string?>
            {
                [$"Authority:Issuers:{issuer.Index}:Issuer"] = issuer.Item.Address,
                [$"Authority:Issuers:{issuer.Index}:Audience"] = TestIssuers.Audience,
                [$"Authority:Issuers:{issuer.Index}:MetadataAddress"] = issuer.Item.MetadataAddress,
            })
            .ToDictionary();

    /// <summary>The settings of one that is asked about each token.</summary>
    public Dictionary<string, string?> ByQuestions(int number, TimeSpan cacheTime) =>
        new()
        {
            [$"Authority:Issuers:{number}:Introspection:CacheTime"] = $"{cacheTime}",
            [$"Authority:Issuers:{number}:Issuer"] = Address,
            [$"Authority:Issuers:{number}:Audience"] = TestIssuers.Audience,
            [$"Authority:Issuers:{number}:Introspection:Address"] = $"{Address}/introspect",
            [$"Authority:Issuers:{number}:Introspection:ClientId"] = ClientId,
            [$"Authority:Issuers:{number}:Introspection:ClientSecret"] = ClientSecret,
        };

    public static async Task<IssuerServer> StartAsync(params RsaSecurityKey[] keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var issuer = new IssuerServer(app, keys);
        app.MapGet("/.well-known/openid-configuration", issuer.ShowMetadata);
        app.MapGet("/keys", issuer.ShowKeysAsync);
        app.MapPost("/introspect", issuer.IntrospectAsync);
        await app.StartAsync();
        return issuer;
    }

    /// <summary>A key of its own.</summary>
    public static RsaSecurityKey NewKey(string id) => new(RSA.Create(2048)) { KeyId = id };

    /// <summary>A token of it, signed with one of its keys.</summary>
    public TestToken Token(string user, RsaSecurityKey key, params string[] roles) =>
        new(user, roles) { Issuer = Address, Credentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256) };

    /// <summary>Makes an opaque token good, with what it is to answer.</summary>
    public string Issue(string token, object answer)
    {
        _opaque[token] = answer;
        return token;
    }

    /// <summary>Makes one good, for an hour.</summary>
    public string Issue(string token, string user, string scope = "", params string[] roles) =>
        Issue(
            token,
            new
            {
                active = true,
                sub = user,
                scope,
                roles,
                aud = new[] { "other", TestIssuers.Audience },
                iss = Address,
                exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
                iat = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            }
        );

    /// <summary>It is not good any more.</summary>
    public void Revoke(string token) => _opaque.TryRemove(token, out _);

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult ShowMetadata()
    {
        Fetched++;
        return Fault ?? Results.Json(new { issuer = Address, jwks_uri = $"{Address}/keys" });
    }

    private async Task<IResult> ShowKeysAsync()
    {
        await Publishing;
        return Results.Json(new { keys = Keys.Select(Describe) });
    }

    private static object Describe(RsaSecurityKey key)
    {
        var publicKey = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new
        {
            kty = "RSA",
            n = Base64UrlEncoder.Encode(publicKey.Modulus),
            e = Base64UrlEncoder.Encode(publicKey.Exponent),
            kid = key.KeyId,
            use = "sig",
        };
    }

    private async Task<IResult> IntrospectAsync(HttpRequest request)
    {
        // RFC 6749, 2.3.1: each part is encoded as in a form.
        var expected = $"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(ClientSecret)}";
        if (request.Headers.Authorization != $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes(expected))}")
            return Results.Unauthorized();
        var token = (string)(await request.ReadFormAsync())["token"]!;
        Asked.Enqueue(token);
        await Answering;
        return Fault ?? Results.Json(_opaque.GetValueOrDefault(token, new { active = false }));
    }
}

using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Authority;

/// <summary>
/// <c>/auth/user</c>, <c>/auth/vhost</c>, <c>/auth/resource</c> and <c>/auth/topic</c> for <c>rabbitmq_auth_backend_http</c>, by GET or form POST. The answer
/// is always 200 and exactly <c>allow</c>, <c>deny</c> or, for users, <c>allow tag1 tag2</c>: the broker takes a line end for part of a tag. Every error
/// denies; a silo that is not, or no longer, a member of the cluster answers 503, which the broker takes for a refusal.
/// </summary>
internal static class AuthorityEndpoints
{
    /// <summary>The largest request line and form that is read, in bytes: a 64 KiB parameter with every byte escaped still gets its answer.</summary>
    public const int MaxRequestBytes = 256 * 1024;

    private const string Allow = "allow";
    private const string Deny = "deny";
    private const string Form = "application/x-www-form-urlencoded";

    // The broker sends eleven parameters at most.
    private static readonly FormOptions Limits = new()
    {
        ValueCountLimit = 64,
        KeyLengthLimit = 1024,
        ValueLengthLimit = MaxRequestBytes,
    };

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/auth").WithHttpLogging(HttpLoggingFields.None);
        MapQuestion(group, "/user", async (authority, parameters) =>
        {
            var answer = parameters.ReadUser() is { } question ? await authority.AuthenticateAsync(question) : null;
            return answer is { Allowed: true } ? string.Join(' ', [Allow, .. answer.Tags]) : Deny;
        });
        MapQuestion(group, "/vhost", async (authority, parameters) =>
            parameters.ReadVhost() is { } question && await authority.AuthorizeAsync(question) ? Allow : Deny
        );
        MapQuestion(group, "/resource", async (authority, parameters) =>
            parameters.ReadResource() is { } question && await authority.AuthorizeAsync(question) ? Allow : Deny
        );
        MapQuestion(group, "/topic", async (authority, parameters) =>
            parameters.ReadTopic() is { } question && await authority.AuthorizeAsync(question) ? Allow : Deny
        );
    }

    private static void MapQuestion(IEndpointRouteBuilder endpoints, string path, Func<TokenAuthority, QuestionParameters, Task<string>> answer) =>
        endpoints.MapMethods(path, [HttpMethods.Get, HttpMethods.Post], async context =>
        {
            // While it starts and while it drains: a proxy in front of several silos then asks another.
            if (context.RequestServices.GetRequiredService<ISiloStatusOracle>().CurrentStatus != SiloStatus.Active)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }
            var authority = context.RequestServices.GetRequiredService<TokenAuthority>();
            var parameters = await ReadAsync(context);
            var text = parameters is null ? Deny : await AnswerAsync(answer(authority, new QuestionParameters(parameters)));
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = text.Length;
            context.Response.Headers.CacheControl = "no-store";
            // Tags are ASCII.
            await context.Response.WriteAsync(text, Encoding.ASCII);
        });

    private static async Task<string> AnswerAsync(Task<string> answer)
    {
        try
        {
            return await answer;
        }
        catch (AuthorityUnavailableException)
        {
            return Deny;
        }
    }

    /// <summary>Null when the request cannot be read. The reason is of no use to the broker, and could hold a token.</summary>
    private static async Task<IEnumerable<KeyValuePair<string, StringValues>>?> ReadAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method))
            return context.Request.Query;
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(Form, StringComparison.OrdinalIgnoreCase))
            return null;
        try
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxRequestBytes;
            return await context.Request.ReadFormAsync(Limits, context.RequestAborted);
        }
        catch (Exception exception) when (exception is BadHttpRequestException or InvalidDataException or IOException or OperationCanceledException)
        {
            return null;
        }
    }
}

using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Edge.Demo;

/// <summary>Signs anybody in: the demo page has no passwords. The development issuer, which is off where a real one is configured, makes the token.</summary>
internal static class DevelopmentTokenEndpoint
{
    /// <summary>What RabbitMQ takes as a name.</summary>
    private const int MaxUserChars = 255;

    public static async Task<IResult> IssueAsync(TokenRequest request, ClusterConnection cluster, IOptions<StompOptions> stomp, HttpContext context)
    {
        if (string.IsNullOrWhiteSpace(request.User) || request.User.Length > MaxUserChars)
            return Results.Text($"a user has a name, of {MaxUserChars} characters at most", statusCode: StatusCodes.Status400BadRequest);
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            var token = await cluster.CallAsync(0, (IAuthorityGrain grain) => grain.IssueDevelopmentTokenAsync(request.User, request.Roles ?? []));
            return token is null
                ? Results.Text("this system has an issuer of its own, which does not sign for this page", statusCode: StatusCodes.Status403Forbidden)
                : Results.Ok(new TokenReply(token, stomp.Value.Path));
        }
        catch (Exception exception) when (ClusterConnection.IsUnavailable(exception))
        {
            return Results.Text("no silo answers", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}

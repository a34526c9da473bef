using Microsoft.AspNetCore.Http.HttpResults;
using NotifyOrleans.Silo.DeadLetters;

namespace NotifyOrleans.Silo.Admin;

/// <summary><c>/admin/dead-letters</c>: what could not be delivered, and the way back for it.</summary>
internal static class DeadLetterEndpoints
{
    private const int DefaultListed = 100;
    private const int MaxListed = 1000;
    private const int DefaultRedriven = 1000;
    private const int MaxRedriven = 100_000;

    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/dead-letters", ListAsync);
        admin.MapPost("/dead-letters/redrive", RedriveAsync);
    }

    private static async Task<Results<Ok<DeadLetterPage>, ProblemHttpResult>> ListAsync(
        DeadLetterQueue queue,
        string[]? id,
        string? reason,
        string? exchange,
        string? routingKey,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        if (FaultOf(limit, MaxListed) is { } fault)
            return fault;
        var selection = new DeadLetterSelection(id is { Length: > 0 } ? id : null, reason, exchange, routingKey);
        return TypedResults.Ok(await queue.ListAsync(selection, limit ?? DefaultListed, cancellationToken));
    }

    private static async Task<Results<Ok<RedriveResult>, ProblemHttpResult>> RedriveAsync(
        DeadLetterQueue queue,
        RedriveRequest request,
        CancellationToken cancellationToken
    )
    {
        if (FaultOf(request.Limit, MaxRedriven) is { } fault)
            return fault;
        var selection = new DeadLetterSelection(request.Ids, request.Reason, request.Exchange, request.RoutingKey);
        var result = await queue.RedriveAsync(selection, request.Limit ?? DefaultRedriven, cancellationToken);
        return result.Fault is null
            ? TypedResults.Ok(result)
            : TypedResults.Problem(
                $"{result.Fault} It stays a dead letter, with those behind it.",
                statusCode: StatusCodes.Status502BadGateway,
                extensions: new Dictionary<string, object?> { ["redriven"] = result.Redriven, ["reduced"] = result.Reduced }
            );
    }

    private static ProblemHttpResult? FaultOf(int? limit, int max) =>
        limit is < 1 || limit > max ? TypedResults.Problem($"limit: {limit} is not between 1 and {max}.", statusCode: StatusCodes.Status400BadRequest) : null;
}

using Microsoft.AspNetCore.Http.HttpResults;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Silo.Authority.Revocations;

namespace NotifyOrleans.Silo.Admin;

/// <summary><c>/admin/revocations</c>: tokens that are not taken any more, though they have not ended.</summary>
internal static class RevocationEndpoints
{
    private const int MaxLength = 255;

    public static void Map(IEndpointRouteBuilder admin) => admin.MapPost("/revocations", RevokeAsync);

    private static async Task<Results<Ok<RevocationReply>, ProblemHttpResult>> RevokeAsync(
        RevocationService revocations,
        TimeProvider time,
        RevocationRequest request
    )
    {
        if (FaultOf(request, time.GetUtcNow()) is { } fault)
            return TypedResults.Problem(fault, statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var (revocation, closed) = await revocations.RevokeAsync(request.User, request.TokenId, request.IssuedBefore);
            return TypedResults.Ok(
                new RevocationReply(
                    revocation.Number,
                    closed switch
                    {
                        true => "closed",
                        false => "failed",
                        null => "open",
                    }
                )
            );
        }
        catch (AuthorityStoreException exception)
        {
            return TypedResults.Problem($"{exception.Message} Repeat the request.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static string? FaultOf(RevocationRequest request, DateTimeOffset now) =>
        request switch
        {
            { User: null, TokenId: null, IssuedBefore: null } => "Give user, tokenId or issuedBefore.",
            { TokenId: not null, IssuedBefore: not null } => "A token id needs no issuedBefore.",
            { User: { } user } when !IsText(user) => "user: is not a user's id.",
            { TokenId: { } id } when !IsText(id) => "tokenId: is not a token's id.",
            // That would lock out everybody, also who wants to take it back: there is no way back.
            { User: null, IssuedBefore: { } time } when time > now => "issuedBefore: lies ahead, which is for one user only.",
            _ => null,
        };

    private static bool IsText(string text) => text.Length is > 0 and <= MaxLength && !text.Any(char.IsControl);
}

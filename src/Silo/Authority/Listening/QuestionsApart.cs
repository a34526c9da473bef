namespace NotifyOrleans.Silo.Authority.Listening;

/// <summary>
/// Before everything else of the pipeline: the broker's questions are found at <c>Authority:Endpoint</c> alone, and nothing else is found there. The connection
/// decides, not what the request says about its host.
/// </summary>
internal sealed class QuestionsApart : IStartupFilter
{
    private static readonly PathString Questions = "/auth";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            app.Use(
                (context, rest) =>
                {
                    if (context.Request.Path.StartsWithSegments(Questions) == context.Features.Get<AuthorityConnection>() is not null)
                        return rest(context);
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                }
            );
            next(app);
        };
}

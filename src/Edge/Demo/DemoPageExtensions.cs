using Microsoft.Extensions.FileProviders;

namespace NotifyOrleans.Edge.Demo;

/// <summary>
/// The demo page (<c>samples/demo-page</c>): an inbox in the browser, and tokens for whoever asks. In the environment Development only, and only where the edge
/// was built with it.
/// </summary>
internal static class DemoPageExtensions
{
    // The page is all of one piece and asks for nothing from elsewhere. ws: and wss: since not every browser takes 'self' for a WebSocket.
    private const string ContentSecurityPolicy = "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'";

    public static WebApplication MapDemoPage(this WebApplication app)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "demo-page");
        if (!app.Environment.IsDevelopment() || !Directory.Exists(folder))
            return app;
        var files = new PhysicalFileProvider(folder);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(
            new StaticFileOptions
            {
                FileProvider = files,
                OnPrepareResponse = response =>
                {
                    response.Context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                    // Always ask whether it has changed: the next build has the same names.
                    response.Context.Response.Headers.CacheControl = "no-cache";
                },
            }
        );
        app.MapPost("/demo/token", DevelopmentTokenEndpoint.IssueAsync);
        return app;
    }
}

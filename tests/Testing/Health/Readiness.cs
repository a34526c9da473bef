using System.Net;
using System.Text.Json;

namespace NotifyOrleans.Testing.Health;

/// <summary>What a silo or an edge said at a moment of whether it can serve: its <c>/health/ready</c>.</summary>
public sealed class Readiness
{
    // One that was paused does not answer.
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Dictionary<string, string> _checks;

    private Readiness(HttpStatusCode? code, string text, string status, Dictionary<string, string> checks) =>
        (Code, Text, Status, _checks) = (code, text, status, checks);

    /// <summary>Null when it did not answer.</summary>
    public HttpStatusCode? Code { get; }

    /// <summary>The whole answer, or why there was none.</summary>
    public string Text { get; }

    /// <summary><c>ready</c> or <c>not ready</c>; empty when it did not answer.</summary>
    public string Status { get; }

    public bool IsReady => Code == HttpStatusCode.OK;

    /// <summary>What one of its checks says: <c>ok</c>, or what is wrong. Empty when the node has no such check, or did not answer.</summary>
    public string CheckOf(string name) => _checks.GetValueOrDefault(name, "");

    /// <param name="node">Where the node answers by HTTP.</param>
    public static async Task<Readiness> OfAsync(Uri node)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(node, "/health/ready"));
            var text = await answer.Content.ReadAsStringAsync();
            using var json = JsonDocument.Parse(text);
            return new Readiness(
                answer.StatusCode,
                text,
                json.RootElement.GetProperty("status").GetString()!,
                json.RootElement.GetProperty("checks").EnumerateObject().ToDictionary(check => check.Name, check => check.Value.GetString()!)
            );
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return new Readiness(null, exception.Message, "", []);
        }
    }
}

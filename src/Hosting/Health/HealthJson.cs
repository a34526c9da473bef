using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NotifyOrleans.Hosting.Health;

/// <summary>Health as JSON: <c>{"status":"not ready","checks":{"broker":"connection refused","outbox":"ok"}}</c>.</summary>
internal static class HealthJson
{
    /// <summary>For people: quotes in reasons stay quotes.</summary>
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteLiveAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new { status = "live" });

    public static Task WriteReadyAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status == HealthStatus.Unhealthy ? "not ready" : "ready",
                checks = report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToDictionary(entry => entry.Key, entry => Reason(entry.Value)),
            },
            Readable
        );

    /// <summary>Why a check does not pass; <c>ok</c> when it does.</summary>
    public static string Reason(HealthReportEntry entry) =>
        entry.Status == HealthStatus.Healthy ? "ok" : entry.Description ?? entry.Exception?.Message ?? "failed";
}

using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace NotifyOrleans.Testing.RabbitMq;

/// <summary>The parts of the broker's management HTTP API that tests need.</summary>
public sealed class RabbitMqManagement : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    internal RabbitMqManagement(Uri address)
    {
        Http = new HttpClient { BaseAddress = address };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("guest:guest")));
    }

    /// <summary>For what has no method here; signed in as guest.</summary>
    public HttpClient Http { get; }

    public Task<IReadOnlyList<QueueInfo>> GetQueuesAsync(string vhost = "/") => GetAsync<QueueInfo>($"api/queues/{Escape(vhost)}");

    public Task<IReadOnlyList<ExchangeInfo>> GetExchangesAsync(string vhost = "/") => GetAsync<ExchangeInfo>($"api/exchanges/{Escape(vhost)}");

    public Task<IReadOnlyList<BindingInfo>> GetBindingsAsync(string vhost = "/") => GetAsync<BindingInfo>($"api/bindings/{Escape(vhost)}");

    public Task<IReadOnlyList<ConnectionInfo>> GetConnectionsAsync() => GetAsync<ConnectionInfo>("api/connections");

    /// <summary>
    /// Closes the connections whose client-given name holds the text, and waits until one was there to close: the broker's list lags by seconds. Returns how
    /// many.
    /// </summary>
    public async Task<int> CloseConnectionsAsync(string clientName)
    {
        var closed = 0;
        await Wait.Until(async () => (closed += await TryCloseConnectionsAsync(clientName)) > 0, $"a connection named '{clientName}' in the management API");
        return closed;
    }

    /// <summary>Closes those that are in the broker's list now; returns how many.</summary>
    public async Task<int> TryCloseConnectionsAsync(string clientName)
    {
        var closed = 0;
        foreach (
            var connection in (await GetConnectionsAsync()).Where(connection =>
                connection.UserProvidedName?.Contains(clientName, StringComparison.Ordinal) == true
            )
        )
        {
            using var reply = await Http.DeleteAsync($"api/connections/{Escape(connection.Name)}");
            // It went by itself, some time ago.
            if (reply.StatusCode == System.Net.HttpStatusCode.NotFound)
                continue;
            reply.EnsureSuccessStatusCode();
            closed++;
        }
        return closed;
    }

    public Task DeleteQueueAsync(string name, string vhost = "/") => DeleteAsync($"api/queues/{Escape(vhost)}/{Escape(name)}");

    public Task DeleteExchangeAsync(string name, string vhost = "/") => DeleteAsync($"api/exchanges/{Escape(vhost)}/{Escape(name)}");

    public async Task CreateVhostAsync(string name)
    {
        await PutAsync($"api/vhosts/{Escape(name)}", new { });
        await PutAsync(
            $"api/permissions/{Escape(name)}/guest",
            new
            {
                configure = ".*",
                write = ".*",
                read = ".*",
            }
        );
    }

    public async Task PutAsync(string path, object body)
    {
        using var reply = await Http.PutAsJsonAsync(path, body);
        reply.EnsureSuccessStatusCode();
    }

    public async Task DeleteAsync(string path)
    {
        using var reply = await Http.DeleteAsync(path);
        reply.EnsureSuccessStatusCode();
    }

    public void Dispose() => Http.Dispose();

    private static string Escape(string part) => Uri.EscapeDataString(part);

    private async Task<IReadOnlyList<T>> GetAsync<T>(string path) => await Http.GetFromJsonAsync<List<T>>(path, Json) ?? [];
}

using System.Diagnostics;
using System.Net;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.AuthorityProbe;

/// <summary>A silo as an operator runs it, with an issuer of RS256 tokens. It has no broker: the authority answers without one.</summary>
internal sealed class ProbedSilo : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NodeProcess _process;

    private ProbedSilo(int port, ProbeTokens tokens)
    {
        Address = new IPEndPoint(IPAddress.Loopback, port);
        _process = NodeProcess.StartProject(
            "Silo",
            new Dictionary<string, string?>
            {
                ["ASPNETCORE_URLS"] = $"http://{Address}",
                ["ConnectionStrings__RabbitMq"] = "amqp://guest:guest@127.0.0.1:1/%2f",
                ["Cluster__SiloPort"] = $"{FreePort.Next()}",
                ["Cluster__GatewayPort"] = $"{FreePort.Next()}",
                ["Outbox__Path"] = _folder.File("outbox"),
                ["Authority__Issuers__0__Issuer"] = ProbeTokens.Issuer,
                ["Authority__Issuers__0__Audience"] = ProbeTokens.Audience,
                ["Authority__Issuers__0__SigningKey"] = tokens.PublicKey,
            },
            _folder.File("silo.log")
        );
    }

    public IPEndPoint Address { get; }

    /// <summary>What it has used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            using var process = Process.GetProcessById(_process.Id);
            return process.TotalProcessorTime;
        }
    }

    public long WorkingSet
    {
        get
        {
            using var process = Process.GetProcessById(_process.Id);
            return process.WorkingSet64;
        }
    }

    /// <summary>Starts one; returns when it answers.</summary>
    public static async Task<ProbedSilo> StartAsync(ProbeTokens tokens)
    {
        var silo = new ProbedSilo(FreePort.Next(), tokens);
        await silo._process.WaitForAsync(
            async () =>
            {
                try
                {
                    using var asker = await Asker.ConnectAsync(silo.Address);
                    return await asker.AskAsync(Question.User("user-0", tokens.Good("user-0"))) is "allow";
                }
                catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
                {
                    return false;
                }
            },
            "its first answer"
        );
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}

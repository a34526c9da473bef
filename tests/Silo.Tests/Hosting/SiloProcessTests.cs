using System.Net;
using System.Net.Sockets;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Hosting;

/// <summary>What an operator sees of a silo: health, metrics, log, end.</summary>
public sealed class SiloProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OutboxFolderThatCannotBeWritten_MakesItNotReady_UntilItCan()
    {
        File.WriteAllText(_folder.File("file"), "");
        var settings = SiloProcess.Settings(_folder);
        settings["Outbox__Path"] = _folder.File("file/outbox");
        await using var silo = SiloProcess.Start(_folder, settings);
        await silo.WaitForLifeAsync();

        var readiness = await silo.ReadinessAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready"), (readiness.Code, readiness.Status));
        Assert.Contains(_folder.File("file/outbox"), readiness.CheckOf("outbox"));
        Assert.Equal("ok", readiness.CheckOf("cluster"));
        await silo.Process.WaitForOutputAsync($"Not ready: ");

        File.Delete(_folder.File("file"));
        await silo.WaitForCheckAsync("outbox", check => check == "ok");
        Assert.Contains("works again", silo.Process.Output);
    }

    [Fact]
    public async Task Metrics_ShowOurs_Orleans_AndTheRuntimes()
    {
        await using var silo = SiloProcess.Start(_folder, SiloProcess.Settings(_folder));
        await silo.WaitForLifeAsync();

        var metrics = await silo.GetAsync("/metrics");

        Assert.Contains("notifyorleans_outbox_writable{", metrics);
        Assert.Contains("orleans_", metrics);
        Assert.Contains("dotnet_gc_", metrics);
        Assert.Contains("kestrel_", metrics);
    }

    [Fact]
    public async Task Log_NeverShowsAQueryString()
    {
        var settings = SiloProcess.Settings(_folder);
        foreach (
            var logger in (string[])
                ["Default", "Microsoft", "Microsoft.AspNetCore", "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel.BadRequests"]
        )
            settings[$"Logging__LogLevel__{logger}"] = settings[$"Logging__Console__LogLevel__{logger}"] = "Trace";
        await using var silo = SiloProcess.Start(_folder, settings);
        await silo.WaitForLifeAsync();

        using var http = new HttpClient();
        (await http.GetAsync($"{silo.Address}/auth/user?username=alice&password=secret-in-the-query")).Dispose();
        (await http.GetAsync($"{silo.Address}/no/such/path?password=secret-in-the-query")).Dispose();
        // Not HTTP: the server shows such a line in its reason.
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, new Uri(silo.Address).Port);
            await socket.GetStream().WriteAsync("GET /auth/user?password=secret-in-the-query\0 HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.NotEqual(0, await socket.GetStream().ReadAsync(new byte[1000]));
        }
        await silo.Process.WaitForOutputAsync("/no/such/path");
        await silo.Process.TerminateAsync();

        Assert.DoesNotContain("secret-in-the-query", silo.Process.Output);
    }

    [Fact]
    public async Task Sigterm_EndsItInTime_AndTheOutboxOpensAgain()
    {
        var settings = SiloProcess.Settings(_folder);
        for (var start = 0; start < 2; start++)
        {
            await using var silo = SiloProcess.Start(_folder, settings);
            await silo.WaitForLifeAsync();
            await silo.WaitForCheckAsync("outbox", check => check == "ok");

            await silo.Process.TerminateAsync(TimeSpan.FromSeconds(60));

            Assert.Equal(0, silo.Process.ExitCode);
        }
    }
}

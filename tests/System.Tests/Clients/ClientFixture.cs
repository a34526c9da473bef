using System.Diagnostics;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;

namespace NotifyOrleans.System.Tests.Clients;

/// <summary>The product with TCP turned on, and the clients from npm, as they are.</summary>
public sealed class ClientFixture : IAsyncLifetime
{
    public static readonly string Folder = Repository.PathOf("tests", "System.Tests", "Clients");

    public int TcpPort { get; } = FreePort.Next();

    public RunningSystem System { get; } = new();

    public async Task InitializeAsync()
    {
        System.EdgeSettings["Stomp__Tcp__Enabled"] = "true";
        System.EdgeSettings["Stomp__Tcp__Port"] = $"{TcpPort}";
        await System.InitializeAsync();
        if (Directory.Exists(Path.Combine(Folder, "node_modules")))
            return;
        using var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"]) { WorkingDirectory = Folder })!;
        await install.WaitForExitAsync();
        Assert.True(install.ExitCode == 0, "npm could not install the clients");
    }

    public Task DisposeAsync() => System.DisposeAsync();
}

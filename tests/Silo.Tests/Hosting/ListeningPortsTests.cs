using System.Net;
using System.Net.Sockets;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Silo.Tests.Hosting;

public sealed class ListeningPortsTests
{
    [Theory]
    [InlineData("127.0.0.2", "127.0.0.2", true)]
    [InlineData("127.0.0.2", "127.0.0.1", false)]
    [InlineData("127.0.0.2", "0.0.0.0", true)]
    [InlineData("127.0.0.2", "::", true)]
    [InlineData("127.0.0.2", "::1", false)]
    [InlineData("0.0.0.0", "127.0.0.1", true)]
    [InlineData("::", "127.0.0.1", true)]
    public void Port_OfAnAddress_IsTakenByWhoeverListensThere(string listening, string wanted, bool isTaken)
    {
        using var listener = new TcpListener(IPAddress.Parse(listening), 0);
        listener.Start();

        Assert.Equal(isTaken, ListeningPorts.IsTaken(IPAddress.Parse(wanted), ((IPEndPoint)listener.LocalEndpoint).Port));
    }
}

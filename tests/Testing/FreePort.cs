using System.Net;
using System.Net.Sockets;

namespace NotifyOrleans.Testing;

/// <summary>TCP ports for what a test starts.</summary>
public static class FreePort
{
    // Below the kernel's range for outgoing connections (from 32768), so that no connection takes the port before its server is up.
    private const int First = 12000;
    private const int Last = 32000;

    private static readonly HashSet<int> Given = [];

    /// <summary>A port that nothing listens on now and that this process has not given out before.</summary>
    public static int Next()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, Last);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

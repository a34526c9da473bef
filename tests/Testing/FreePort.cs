using System.Net;
using System.Net.Sockets;

namespace NotifyOrleans.Testing;

/// <summary>TCP ports for what a test starts.</summary>
public static class FreePort
{
    // Below the kernel's range for outgoing connections (from 32768), so that no connection takes the port before its server is up, and below that from which
    // scripts/up.sh takes what it does not print (from 20000): it does not know what was given out here.
    private const int First = 10000;
    private const int Last = 20000;

    /// <summary>
    /// A file for each port that was given out, locked until the process ends: a broker takes 10 s to listen, and other runs on the machine look for ports
    /// meanwhile.
    /// </summary>
    private static readonly string Folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "notifyorleans-ports")).FullName;

    private static readonly Dictionary<int, FileStream> Given = [];

    /// <summary>A port that nothing listens on now and that no test's process has been given before.</summary>
    public static int Next()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, Last);
                if (!Given.ContainsKey(port) && IsFree(port) && TryLock(port) is { } held)
                {
                    Given.Add(port, held);
                    return port;
                }
            }
        }
    }

    private static FileStream? TryLock(int port)
    {
        try
        {
            return new FileStream(Path.Combine(Folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
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

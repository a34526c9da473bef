namespace NotifyOrleans.Edge.Connections.Tcp;

/// <summary>Where STOMP is spoken over a plain socket, or over TLS: sections <c>Stomp:Tcp</c> and <c>Stomp:Tls</c>.</summary>
public sealed class TcpOptions
{
    /// <summary>The port of STOMP over TCP, as RabbitMQ has it.</summary>
    public const int DefaultTcpPort = 61613;

    /// <summary>The port of STOMP over TLS, as RabbitMQ has it.</summary>
    public const int DefaultTlsPort = 61614;

    /// <summary>Whether it is listened at all. Default: no.</summary>
    public bool Enabled { get; set; }

    /// <summary>The IP address to listen on. Empty, the default: all of this machine.</summary>
    public string Address { get; set; } = "";

    /// <summary>The port. Default 61613, or 61614 for TLS.</summary>
    public int Port { get; set; }
}

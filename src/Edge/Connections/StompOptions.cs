using NotifyOrleans.Edge.Connections.Draining;
using NotifyOrleans.Edge.Connections.Refusals;
using NotifyOrleans.Edge.Connections.Tcp;
using NotifyOrleans.Edge.Connections.WebSockets;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Edge.Connections;

/// <summary>What clients may do: section <c>Stomp</c>.</summary>
public sealed class StompOptions
{
    public const string Section = "Stomp";

    /// <summary>Path of the WebSocket endpoint. Default <c>/ws</c>, as Web STOMP.</summary>
    public string Path { get; set; } = "/ws";

    /// <summary>
    /// Origins whose pages may open a connection, such as <c>https://app.example.org</c>; others are answered 403. Empty, the default, lets all in:
    /// the token comes in band and no cookie is looked at, so a foreign page has nothing of the user's to use.
    /// </summary>
    public List<string> AllowedOrigins { get; set; } = [];

    /// <summary>
    /// Whether a token in the query of the upgrade (<c>?access_token=</c>) is taken, as Basic and Bearer in its header are. Default: no, since addresses come
    /// to be written in logs: not in ours, but in those of proxies.
    /// </summary>
    public bool AllowAccessTokenInQuery { get; set; }

    /// <summary>permessage-deflate.</summary>
    public CompressionOptions Compression { get; set; } = new();

    /// <summary>STOMP over a plain socket, for native apps. Off by default; port 61613.</summary>
    public TcpOptions Tcp { get; set; } = new() { Port = TcpOptions.DefaultTcpPort };

    /// <summary>STOMP over TLS, with Kestrel's default certificate (<c>Kestrel:Certificates:Default</c>). Off by default; port 61614.</summary>
    public TcpOptions Tls { get; set; } = new() { Port = TcpOptions.DefaultTlsPort };

    /// <summary>
    /// Names that a CONNECT's <c>host</c> may have besides <c>localhost</c>, addresses and the upgrade's Host: native clients send the name that they were
    /// given, and over TCP and TLS nothing else tells it. Default: none.
    /// </summary>
    public List<string> HostNames { get; set; } = [];

    /// <summary>Bytes of a frame after login. Default 4 MiB, RabbitMQ's <c>stomp.max_frame_size</c>.</summary>
    public int MaxFrameBytes { get; set; } = StompLimits.Default.MaxFrameBytes;

    /// <summary>Bytes of a frame before login. Default 64 KiB, as RabbitMQ 4.3.</summary>
    public int MaxFrameBytesBeforeLogin { get; set; } = StompLimits.BeforeLogin.MaxFrameBytes;

    /// <summary>Header lines of a frame. Default 100, as RabbitMQ 4.3.</summary>
    public int MaxHeaders { get; set; } = StompLimits.Default.MaxHeaders;

    /// <summary>Bytes of a header line. Default 16 KiB.</summary>
    public int MaxHeaderLineBytes { get; set; } = StompLimits.Default.MaxHeaderLineBytes;

    /// <summary>From the opened socket to a CONNECT that was accepted. Default 10 s, as RabbitMQ 4.3.</summary>
    public TimeSpan LoginTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a client may read nothing: a ping is not answered, or the network takes no more of what is sent, before the connection is closed. It does
    /// not exceed <see cref="PingInterval"/>. Default 30 s: a phone that changes its network, or a page that is busy, is back in seconds; for longer its
    /// messages wait better in the outbox.
    /// </summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Between pings to a client that sends nothing, and how long the answer may take. Default 30 s: below the 60 s after which nginx closes a silent
    /// connection; a client that vanished is found within a minute even when it agreed to no heart-beats.
    /// </summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>SUBSCRIBEs that a session may have at a time. Default 500; a page has a handful.</summary>
    public int MaxSubscriptions { get; set; } = 500;

    /// <summary>Transactions that a session may have open. Default 16, as RabbitMQ 4.3.</summary>
    public int MaxTransactions { get; set; } = 16;

    /// <summary>SENDs, ACKs and NACKs of one transaction. Default 1,024, as RabbitMQ 4.3.</summary>
    public int MaxTransactionActions { get; set; } = 1024;

    /// <summary>
    /// Bytes of all SENDs, bodies and headers, and of the ids of all ACKs and NACKs in a session's open transactions. Default 16 MiB: four frames of the
    /// largest size, or 1,024 actions of 16 KiB.
    /// </summary>
    public int MaxTransactionBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Messages of a subscription that may be on their way or wait for an ACK, when its SUBSCRIBE has no <c>prefetch-count</c>. Default 1,000:
    /// above what clients acknowledge at once.
    /// </summary>
    public int DefaultPrefetch { get; set; } = 1000;

    /// <summary>
    /// Bytes of messages on their way to a subscription with <c>ack:auto</c>; what does not fit waits in the silo. Default 256 KiB: some 800 messages of
    /// 300 bytes a round trip, while a client that has stopped reading costs the edge no more than this.
    /// </summary>
    public int AutoWindowBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// Bytes of messages that may wait for an ACK. Default 4 MiB: clients that acknowledge in blocks count messages, not bytes, and must not be starved.
    /// </summary>
    public int AckWindowBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Bytes on their way to a session in all its subscriptions together: one that finds less than twice its window left gets half of what is left.
    /// Default 8 MiB: 31 subscriptions with <c>ack:auto</c> in full, or one with ACKs in full and others in part.
    /// </summary>
    public int SessionWindowBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// Bytes of live topic messages that may wait for a slow client, and as many that wait for its ACKs; what does not fit is dropped for that session, and
    /// told as <c>x-dropped</c> on its next MESSAGE. Default 1 MiB. (A mailbox waits in the silo, a durable subscription in its logs; they need no such limit.)
    /// </summary>
    public int MaxQueuedBytes { get; set; } = 1024 * 1024;

    /// <summary>SENDs of a session that may wait for the broker's confirm before no more is read from it. Default 1,000.</summary>
    public int MaxUnconfirmed { get; set; } = 1000;

    /// <summary>
    /// Bytes of SENDs of a session, bodies and headers, that may wait for the broker's confirm before no more is read from it; one is taken in any case.
    /// Default 16 MiB: four frames of the largest size, or a full <see cref="MaxUnconfirmed"/> of 16 KiB.
    /// </summary>
    public int MaxUnconfirmedBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How those are slowed down whose CONNECTs are refused.</summary>
    public RefusalOptions Refusals { get; set; } = new();

    /// <summary>How clients are sent away when the edge ends.</summary>
    public DrainOptions Drain { get; set; } = new();

    /// <summary>How long an answer to a ping may take: a client that vanished is to be found within two intervals.</summary>
    internal TimeSpan AnswerTimeout => WriteTimeout < PingInterval ? WriteTimeout : PingInterval;

    internal StompLimits LimitsAfterLogin() =>
        new()
        {
            MaxFrameBytes = MaxFrameBytes,
            MaxHeaders = MaxHeaders,
            MaxHeaderLineBytes = MaxHeaderLineBytes,
        };

    internal StompLimits LimitsBeforeLogin() => LimitsAfterLogin() with { MaxFrameBytes = Math.Min(MaxFrameBytesBeforeLogin, MaxFrameBytes) };
}

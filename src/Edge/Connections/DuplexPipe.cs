using System.IO.Pipelines;

namespace NotifyOrleans.Edge.Connections;

/// <summary>Both directions of a connection, one of which is not the server's own.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

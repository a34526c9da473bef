namespace NotifyOrleans.Edge.Connections.Goodbyes;

/// <summary>What a client that was sent away may do.</summary>
internal enum ClientRetry
{
    /// <summary>The same again would end the same.</summary>
    No,

    /// <summary>Connect again, after a pause.</summary>
    Yes,

    /// <summary>Connect again with a new token.</summary>
    WithNewToken,
}

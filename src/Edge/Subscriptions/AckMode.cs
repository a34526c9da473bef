using NotifyOrleans.Edge.Commands;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>Header <c>ack</c> of SUBSCRIBE.</summary>
internal enum AckMode
{
    /// <summary>A message counts as delivered without an ACK.</summary>
    Auto,

    /// <summary>An ACK covers all messages of the session before it too, those of other subscriptions included, as in the reference.</summary>
    Client,

    /// <summary>An ACK covers its message.</summary>
    ClientIndividual,
}

/// <summary>Reading <see cref="AckMode"/>.</summary>
internal static class AckModes
{
    /// <param name="header">The header's value; absent means auto.</param>
    /// <exception cref="StompErrorException">There is no such mode.</exception>
    public static AckMode Parse(string? header) =>
        header switch
        {
            null or "auto" => AckMode.Auto,
            "client" => AckMode.Client,
            "client-individual" => AckMode.ClientIndividual,
            _ => throw new StompErrorException(StompErrors.Processing()),
        };
}

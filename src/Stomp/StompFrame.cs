using System.Collections.Immutable;

namespace NotifyOrleans.Stomp;

/// <summary>
/// A frame that was read. Escapes are decoded, and of a repeated header only the first is here (STOMP 1.2, "Repeated Header Entries").
/// It owns its memory: it may be kept for as long as it is needed.
/// </summary>
public sealed class StompFrame(string command, ImmutableArray<StompHeader> headers, ReadOnlyMemory<byte> body)
{
    /// <summary>The command as it was sent; one of <see cref="StompCommands"/> or something that nobody knows.</summary>
    public string Command => command;

    /// <summary>The headers in the order of the wire, <c>content-length</c> included; names are unique.</summary>
    public ImmutableArray<StompHeader> Headers => headers;

    /// <summary>The body, not decoded.</summary>
    public ReadOnlyMemory<byte> Body => body;

    /// <summary>The value of a header, or null when the frame has none of that name.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var header in headers)
            {
                if (header.Name == name)
                    return header.Value;
            }
            return null;
        }
    }
}

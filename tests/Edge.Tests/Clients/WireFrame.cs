using System.Text;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Tests.Clients;

/// <summary>A frame from the edge.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="IsText">Whether it came as a text message.</param>
/// <param name="Text">Its bytes as text.</param>
public sealed record WireFrame(StompFrame Frame, bool IsText, string Text)
{
    public string? this[string header] => Frame[header];

    public string Body => Encoding.UTF8.GetString(Frame.Body.Span);

    /// <summary>The names of its headers, in order.</summary>
    public string Names => string.Join(' ', Frame.Headers.Select(header => header.Name));
}

using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// Where a durable subscription goes over from the logs to what comes live: live messages wait while a page is read, and go on behind it when it was the last.
/// Not thread-safe.
/// </summary>
internal sealed class DurableSeam
{
    /// <summary>Messages that wait; when there are more, something of them is missing, and it is read once more.</summary>
    public const int MaxMessages = 256;

    private readonly Queue<(OutgoingMessage Message, TopicPush Push)> _messages = new();

    /// <summary>Whether everything that came since <see cref="Begin"/> waits here.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>A page is asked for: what comes live from here on belongs behind it, or is in it.</summary>
    public void Begin()
    {
        _messages.Clear();
        IsWhole = true;
    }

    /// <summary>Something may have been missed, and nothing is kept until the next page is asked for.</summary>
    public void Break() => IsWhole = false;

    /// <summary>Has a message wait, when nothing before it is missing.</summary>
    public void Add(OutgoingMessage message, TopicPush push)
    {
        if (IsWhole && (IsWhole = _messages.Count < MaxMessages))
            _messages.Enqueue((message, push));
    }

    public bool TryTake([MaybeNullWhen(false)] out OutgoingMessage message, [MaybeNullWhen(false)] out TopicPush push)
    {
        var found = _messages.TryDequeue(out var next);
        (message, push) = next;
        return found;
    }

    /// <summary>Nothing waits any more.</summary>
    public void Clear() => _messages.Clear();
}

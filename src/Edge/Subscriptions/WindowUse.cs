namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>How much of a subscription's window is in use: what the silo has offered, and nobody has settled. Safe for calls from any thread.</summary>
/// <param name="maxMessages">Messages that may be offered and not settled.</param>
/// <param name="maxBytes">Bytes of them.</param>
internal struct WindowUse(int maxMessages, int maxBytes)
{
    private int _messages;
    private int _bytes;

    /// <summary>Whether the silo may soon have no room to offer more.</summary>
    public readonly bool IsHalf => 2L * _messages >= maxMessages || 2L * _bytes >= maxBytes;

    public void Take(int bytes)
    {
        Interlocked.Increment(ref _messages);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void Return(int bytes)
    {
        Interlocked.Decrement(ref _messages);
        Interlocked.Add(ref _bytes, -bytes);
    }
}

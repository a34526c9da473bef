namespace NotifyOrleans.Torture.Ledgers;

/// <summary>One message: its <see cref="MessageSequence"/>, and the number within it, from 0.</summary>
public readonly record struct MessageId(string Sequence, int Number)
{
    /// <summary>As <c>message-id</c> of the publish and as body.</summary>
    public override string ToString() => $"{Sequence}-{Number}";

    /// <exception cref="FormatException">It is none of ours.</exception>
    public static MessageId Parse(string text) =>
        text.LastIndexOf('-') is var dash and > 0 ? new MessageId(text[..dash], int.Parse(text[(dash + 1)..])) : throw new FormatException(text);
}

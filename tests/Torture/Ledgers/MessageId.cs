namespace NotifyOrleans.Torture.Ledgers;

/// <summary>One message: the user, which of his routing keys, and the number within that key, from 0.</summary>
public readonly record struct MessageId(int User, int Key, int Number)
{
    /// <summary>As <c>message-id</c> of the publish and as body.</summary>
    public override string ToString() => $"{User}-{Key}-{Number}";

    /// <exception cref="FormatException">It is none of ours.</exception>
    public static MessageId Parse(string text) =>
        text.Split('-') is [var user, var key, var number]
            ? new MessageId(int.Parse(user), int.Parse(key), int.Parse(number))
            : throw new FormatException(text);
}

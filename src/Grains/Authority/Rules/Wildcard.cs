namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>A text with stars, each of which stands for any text, also none.</summary>
/// <param name="parts">What stands between the stars.</param>
internal sealed class Wildcard(params string[] parts)
{
    /// <summary>What stands between the stars.</summary>
    public IReadOnlyList<string> Parts => parts;

    public static Wildcard Parse(string text) => new(text.Split('*'));

    /// <summary>The first part at the start, the last at the end, those between wherever they are met first.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        if (parts.Length == 1)
            return text.SequenceEqual(parts[0]);
        if (text.Length < parts[0].Length + parts[^1].Length || !text.StartsWith(parts[0]) || !text.EndsWith(parts[^1]))
            return false;
        var rest = text[parts[0].Length..^parts[^1].Length];
        foreach (var part in parts.AsSpan(1..^1))
        {
            var found = rest.IndexOf(part, StringComparison.Ordinal);
            if (found < 0)
                return false;
            rest = rest[(found + part.Length)..];
        }
        return true;
    }
}

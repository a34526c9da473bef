using System.Collections.Frozen;
using System.Reflection;
using System.Text;

namespace NotifyOrleans.Stomp;

/// <summary>Strings of bytes, without an allocation for the commands and header names that are known.</summary>
internal static class StompVocabulary
{
    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Known = Words().GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly int MaxLength = Known.Dictionary.Keys.Max(word => word.Length);

    /// <param name="utf8">Valid UTF-8.</param>
    public static string GetString(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxLength)
            return Encoding.UTF8.GetString(utf8);
        Span<char> text = stackalloc char[MaxLength];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        return Known.TryGetValue(text, out var word) ? word : new string(text);
    }

    private static FrozenDictionary<string, string> Words() =>
        new[] { typeof(StompCommands), typeof(StompHeaderNames) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => string.Intern((string)field.GetRawConstantValue()!))
            .Distinct()
            .ToFrozenDictionary(word => word);
}

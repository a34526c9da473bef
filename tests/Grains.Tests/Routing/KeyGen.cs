using CsCheck;

namespace NotifyOrleans.Grains.Tests.Routing;

/// <summary>Generated keys and patterns over few words, so that they meet each other often. The empty word is among them.</summary>
internal static class KeyGen
{
    private static readonly string[] KeyWords = ["a", "b", "user", ""];

    // In a pattern * and # stand for others only as whole words.
    private static readonly string[] PatternWords = ["a", "b", "user", "", "*", "*", "#", "#", "a*"];

    public static readonly Gen<string> Key = Of(KeyWords, 6);

    public static readonly Gen<string> Pattern = Of(PatternWords, 4);

    /// <summary>
    /// Every key of at most so many words, over the words that a pattern of <see cref="Pattern"/> can hold and one that none holds. Among them is the key of
    /// one empty word, which cannot be written (the empty text has no words): patterns that differ by it alone are told apart, on the side that refuses.
    /// </summary>
    public static IEnumerable<string[]> AllKeys(int maxWords)
    {
        string[] words = [.. KeyWords, "a*", "other"];
        IEnumerable<string[]> level =
        [
            [],
        ];
        for (var count = 0; count <= maxWords; count++)
        {
            foreach (var key in level)
                yield return key;
            level = [.. level.SelectMany(key => words.Select(word => (string[])[.. key, word]))];
        }
    }

    private static Gen<string> Of(string[] words, int maxWords) => Gen.OneOf(words).List[0, maxWords].Select(chosen => string.Join('.', chosen));
}

using CsCheck;

namespace NotifyOrleans.Grains.Tests.Routing;

/// <summary>Generated user ids, full of what means something in keys, patterns, escapes and texts.</summary>
internal static class UserGen
{
    private static readonly string[] Pieces = [".", "*", "#", "%", "%2E", "%2e", "%25", "25", "2", "E", "a", "b", "/", "{user}", " ", "ä"];

    public static readonly Gen<string> User = Gen.OneOf(Pieces).List[1, 5].Select(chosen => string.Concat(chosen));
}

using System.Buffers;
using System.Text;

namespace NotifyOrleans.Stomp;

/// <summary>
/// The escapes of header names and values (STOMP 1.2, "Value Encoding"): <c>\n</c>, <c>\r</c>, <c>\c</c> for a colon, <c>\\</c>.
/// </summary>
internal static class StompHeaderEscaping
{
    /// <summary>What is escaped in each version. In 1.0, which knows no escapes, only what would end the line, lest a value make headers of its own.</summary>
    private static readonly SearchValues<char> SpecialIn10 = SearchValues.Create("\r\n");

    private static readonly SearchValues<char> Special = SearchValues.Create("\r\n:\\");

    public static SearchValues<char> SpecialIn(StompVersion version) => version == StompVersion.V10 ? SpecialIn10 : Special;

    /// <summary>The letter after the backslash.</summary>
    public static byte Code(char special) =>
        special switch
        {
            '\n' => (byte)'n',
            '\r' => (byte)'r',
            ':' => (byte)'c',
            _ => (byte)'\\',
        };

    /// <param name="utf8">A name or value as on the wire, valid UTF-8.</param>
    /// <param name="text">What it means.</param>
    /// <returns>False when an escape is undefined.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, out string text)
    {
        var backslash = utf8.IndexOf((byte)'\\');
        if (backslash < 0)
        {
            text = StompVocabulary.GetString(utf8);
            return true;
        }
        text = "";
        var rented = ArrayPool<byte>.Shared.Rent(utf8.Length);
        var length = 0;
        for (; backslash >= 0; backslash = utf8.IndexOf((byte)'\\'))
        {
            utf8[..backslash].CopyTo(rented.AsSpan(length));
            length += backslash;
            var decoded = backslash + 1 < utf8.Length ? Decode(utf8[backslash + 1]) : default;
            if (decoded == 0)
            {
                ArrayPool<byte>.Shared.Return(rented);
                return false;
            }
            rented[length++] = decoded;
            utf8 = utf8[(backslash + 2)..];
        }
        utf8.CopyTo(rented.AsSpan(length));
        text = Encoding.UTF8.GetString(rented, 0, length + utf8.Length);
        ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return true;
    }

    private static byte Decode(byte code) =>
        code switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'c' => (byte)':',
            (byte)'\\' => (byte)'\\',
            _ => 0,
        };
}

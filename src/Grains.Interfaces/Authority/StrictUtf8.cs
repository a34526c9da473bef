using System.Text;

namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <summary>
/// UTF-8 that throws at what is none, where <see cref="Encoding.UTF8"/> puts U+FFFD in its place: credentials and names that differ must not look alike.
/// </summary>
public static class StrictUtf8
{
    public static readonly Encoding Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}

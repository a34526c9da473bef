using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>
/// Bytes as the vector files write them: a string (its UTF-8), <c>{"hex": "00ff"}</c>, <c>{"repeat": "x", "times": 9}</c>, or an array of these.
/// </summary>
[JsonConverter(typeof(Converter))]
public sealed record Wire(byte[] Bytes)
{
    /// <summary>The bytes as text; only where they are UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);

    private sealed class Converter : JsonConverter<Wire>
    {
        public override Wire Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return new Wire([.. BytesOf(document.RootElement)]);
        }

        public override void Write(Utf8JsonWriter writer, Wire value, JsonSerializerOptions options) => throw new NotSupportedException();

        private static IEnumerable<byte> BytesOf(JsonElement element) =>
            element.ValueKind switch
            {
                JsonValueKind.String => Encoding.UTF8.GetBytes(element.GetString()!),
                JsonValueKind.Array => element.EnumerateArray().SelectMany(BytesOf),
                _ when element.TryGetProperty("hex", out var hex) => Convert.FromHexString(hex.GetString()!),
                _ => Enumerable
                    .Repeat(Encoding.UTF8.GetBytes(element.GetProperty("repeat").GetString()!), element.GetProperty("times").GetInt32())
                    .SelectMany(bytes => bytes),
            };
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary><c>"1.2"</c> and its like.</summary>
public sealed class VersionConverter : JsonConverter<StompVersion>
{
    public override StompVersion Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() switch
        {
            "1.0" => StompVersion.V10,
            "1.1" => StompVersion.V11,
            "1.2" => StompVersion.V12,
            var other => throw new JsonException($"No version: {other}"),
        };

    public override void Write(Utf8JsonWriter writer, StompVersion value, JsonSerializerOptions options) => throw new NotSupportedException();
}

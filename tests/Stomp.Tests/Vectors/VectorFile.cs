using System.Text.Json;
using System.Text.Json.Serialization;

namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>A file of vectors: what goes over the wire and what it means, row by row.</summary>
/// <typeparam name="TVector">Its rows.</typeparam>
public sealed class VectorFile<TVector>(string file, Func<TVector, string> name)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new VersionConverter(), new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The rows by their names, in the order of the file.</summary>
    public OrderedDictionary<string, TVector> Rows { get; } = new(Read(file).Select(row => KeyValuePair.Create(name(row), row)));

    public TVector this[string rowName] => Rows[rowName];

    /// <summary>The names, for a theory.</summary>
    public TheoryData<string> Names => [.. Rows.Keys];

    private static TVector[] Read(string file)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", file));
        return JsonSerializer.Deserialize<TVector[]>(stream, Options)!;
    }
}

using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace NotifyOrleans.Silo.Database;

/// <summary>Parameters of SQL statements, by their positions.</summary>
internal static class SqlParameters
{
    public static NpgsqlParameter<long> Number(long value) => new() { TypedValue = value };

    public static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    public static NpgsqlParameter<byte[]> Bytes(byte[] value) => new() { TypedValue = value };

    /// <summary>A text as <c>bytea</c>: the database's own texts cannot hold NUL, and one that does would fail all that goes with it.</summary>
    public static NpgsqlParameter<byte[]> Utf8(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Utf8(string)"/>
    public static NpgsqlParameter<byte[][]> Utf8(IEnumerable<string> texts) => ArrayOf(texts.Select(Encoding.UTF8.GetBytes), NpgsqlDbType.Bytea);

    /// <param name="values">Its elements.</param>
    /// <param name="type">The type of one of them.</param>
    public static NpgsqlParameter<T[]> ArrayOf<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };
}

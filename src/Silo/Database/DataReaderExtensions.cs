using System.Text;
using Npgsql;

namespace NotifyOrleans.Silo.Database;

internal static class DataReaderExtensions
{
    public static byte[] GetBytes(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);

    /// <summary>A text that <see cref="SqlParameters.Utf8(string)"/> has written.</summary>
    public static string GetUtf8(this NpgsqlDataReader reader, int column) => Encoding.UTF8.GetString(reader.GetBytes(column));
}

using Orleans.Serialization;

namespace NotifyOrleans.Grains.Interfaces.Exceptions;

/// <summary>
/// Exceptions of assemblies that this node does not have, as an edge has neither the silo's grains nor RocksDB, are read as
/// <see cref="UnavailableExceptionFallbackException"/>, with their text. Orleans means to do so by itself, but fails as soon as the assembly cannot be loaded.
/// </summary>
internal sealed class UnknownExceptions : ITypeConverter
{
    public bool TryFormat(Type type, out string formatted)
    {
        formatted = "";
        return false;
    }

    /// <param name="formatted">A type's name, a comma, and the name of its assembly.</param>
    /// <param name="type">What stands for it.</param>
    public bool TryParse(string formatted, out Type type)
    {
        type = typeof(UnavailableExceptionFallbackException);
        return formatted.Split(',') is [var name, _, ..]
            && name.EndsWith(nameof(Exception), StringComparison.Ordinal)
            && Type.GetType(formatted, throwOnError: false) is null;
    }
}

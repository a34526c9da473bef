using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>What kind of value a setting takes, in an operator's words.</summary>
internal static class SettingType
{
    /// <summary>The type of the setting that a path such as <c>Sources:0:Declare</c> leads to; null when there is none.</summary>
    public static Type? Find(Type options, string path)
    {
        Type? type = options;
        foreach (var segment in path.Split(ConfigurationPath.KeyDelimiter))
        {
            type = ElementOf(type) ?? type.GetProperty(segment, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.PropertyType;
            if (type is null)
                return null;
        }
        return Nullable.GetUnderlyingType(type) ?? type;
    }

    public static string Describe(Type type)
    {
        if (type.IsEnum)
            return $"one of {string.Join(", ", Enum.GetNames(type))}";
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(TimeSpan))
            return "a time span such as 00:00:30 or 7.00:00:00";
        if (type == typeof(int) || type == typeof(long))
            return "a whole number";
        return $"a value of type {type.Name}";
    }

    /// <summary>The value, unless it could hold a secret, as an address can.</summary>
    public static string Quote(Type type, string value) => type.IsValueType ? $"'{value}'" : "the value";

    private static Type? ElementOf(Type type)
    {
        if (type == typeof(string))
            return null;
        if (type.IsArray)
            return type.GetElementType();
        var arguments = type.IsGenericType ? type.GetGenericArguments() : [];
        return type.IsAssignableTo(typeof(System.Collections.IEnumerable)) && arguments.Length > 0 ? arguments[^1] : null;
    }
}

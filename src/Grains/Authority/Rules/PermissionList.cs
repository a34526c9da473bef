using System.ComponentModel;
using System.Globalization;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>Permissions as they are configured: a list, or one text such as <c>write, read</c>, as people put lists into environment variables.</summary>
[TypeConverter(typeof(Converter))]
public sealed class PermissionList : List<string>
{
    private sealed class Converter : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value)
        {
            var list = new PermissionList();
            list.AddRange(((string)value).Split([',', ' '], StringSplitOptions.RemoveEmptyEntries));
            return list;
        }
    }
}

using System.Globalization;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>
/// The header by which one message addresses many users: their ids divided by commas, or an AMQP array of them. Blanks around an id in a list are not part of
/// it; an id that holds a comma takes the array. It is never passed on.
/// </summary>
public static class RecipientsHeader
{
    public const string Name = RecipientNames.Header;

    /// <summary>Longer ids are a mistake: none can be the word of a key, or the name in a token's rules.</summary>
    public const int MaxIdBytes = 255;

    /// <summary>The users that the header names, each once; null when it is not there. False when it cannot be understood.</summary>
    public static bool TryRead(RabbitMqDelivery delivery, out string[]? users)
    {
        users = null;
        if (delivery.Headers?.TryGetValue(Name, out var value) is not true)
            return true;
        IEnumerable<string?>? ids = value switch
        {
            byte[] list => RecipientNames.Of(Encoding.UTF8.GetString(list)),
            IEnumerable<object?> array => array.Select(IdOf),
            _ => null,
        };
        if (ids is null)
            return false;
        var named = new List<string>();
        foreach (var id in ids)
        {
            if (id is null || Encoding.UTF8.GetByteCount(id) > MaxIdBytes)
                return false;
            if (id.Length > 0)
                named.Add(id);
        }
        users = [.. named.Distinct()];
        return true;
    }

    private static string? IdOf(object? value) =>
        value switch
        {
            byte[] text => Encoding.UTF8.GetString(text),
            // Publishers whose users have numbers send numbers.
            sbyte or byte or short or ushort or int or uint or long => Convert.ToString(value, CultureInfo.InvariantCulture),
            _ => null,
        };
}

using System.Text;

namespace NotifyOrleans.Grains.Interfaces.Routing;

/// <summary>
/// A user's id as one word of a routing key. An id that holds <c>.</c>, <c>*</c> or <c>#</c> cannot stand in a key; in patterns and rules it is written
/// with these as <c>%2E</c>, <c>%2A</c> and <c>%23</c>, so that it names its own mailbox and can neither widen a pattern nor meet another user's keys.
/// </summary>
public static class UserWord
{
    /// <summary>Whether the id is a word of a key as it stands. One that is not is addressed by the recipients header alone.</summary>
    public static bool IsPlain(ReadOnlySpan<char> user)
    {
        if (user.Length == 0)
            return false;
        for (var i = 0; i < user.Length; i++)
        {
            if (user[i] is '.' or '*' or '#' || IsEscape(user, i))
                return false;
        }
        return true;
    }

    /// <summary>The id as one word. Different ids give different words.</summary>
    public static string Of(string user)
    {
        if (IsPlain(user))
            return user;
        var word = new StringBuilder(user.Length + 6);
        for (var i = 0; i < user.Length; i++)
        {
            word = user[i] switch
            {
                '.' => word.Append("%2E"),
                '*' => word.Append("%2A"),
                '#' => word.Append("%23"),
                _ when IsEscape(user, i) => word.Append("%25"),
                _ => word.Append(user[i]),
            };
        }
        return word.ToString();
    }

    private static bool IsEscape(ReadOnlySpan<char> user, int at) =>
        user[at] == '%' && at + 2 < user.Length && user.Slice(at + 1, 2) is "2E" or "2A" or "23" or "25";
}

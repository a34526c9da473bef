using System.Collections;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>
/// Users whom a message names, in the memory that their ids take and no more: as many messages as the prefetch allows, to thousands of users each, may wait for
/// their turn.
/// </summary>
/// <param name="template">Makes the keys that their subscriptions are matched against.</param>
/// <param name="users">The users.</param>
internal sealed class NamedRecipients(UserKeyTemplate template, IReadOnlyCollection<string> users) : IReadOnlyCollection<Recipient>
{
    private readonly byte[] _ids = Pack(users);

    public int Count { get; } = users.Count;

    public IEnumerator<Recipient> GetEnumerator()
    {
        using var reader = new BinaryReader(new MemoryStream(_ids, writable: false));
        for (var index = 0; index < Count; index++)
        {
            var user = reader.ReadString();
            yield return new Recipient(user, template.KeyOf(user));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static byte[] Pack(IReadOnlyCollection<string> users)
    {
        using var ids = new MemoryStream();
        using var writer = new BinaryWriter(ids);
        foreach (var user in users)
            writer.Write(user);
        return ids.ToArray();
    }
}

using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Tests.Ingress;

[Collection(nameof(Alone))]
public sealed class NamedRecipientsTests
{
    /// <summary>
    /// A prefetch of 1,000 messages to 10,000 users each may wait: with two texts for each of these that was more than a gigabyte a partition.
    /// </summary>
    [Fact]
    public void Recipients_InThousands_TakeLittleMoreThanTheirIds()
    {
        string[] users = [.. Enumerable.Range(100_000, 10_000).Select(user => $"{user}")];
        var before = GC.GetTotalMemory(forceFullCollection: true);

        NamedRecipients[] messages = [.. Enumerable.Range(0, 200).Select(_ => new NamedRecipients(UserKeyTemplate.Default, users))];

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / messages.Length;
        Assert.Equal(users.Select(user => new Recipient(user, $"user.{user}")), messages[^1]);
        Assert.Equal(users.Length, messages[^1].Count);
        Assert.True(each < 2 * users.Sum(user => user.Length), $"{each} bytes each");
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("a,b", "\u00fc", "\ud83d\ude00")]
    public void Recipients_AreThoseThatWereNamed(params string[] users) =>
        Assert.Equal(users, new NamedRecipients(UserKeyTemplate.Default, users).Select(recipient => recipient.User));

    [Fact]
    public void Recipient_WithALongId_IsTheSame()
    {
        var user = new string('x', 255);
        Assert.Equal([new Recipient(user, $"user.{user}")], new NamedRecipients(UserKeyTemplate.Default, [user]));
    }
}

using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Tests;

/// <summary>Settings that are reckoned with: the largest that are taken do not leave the calendar or the number, what is beyond is named.</summary>
public sealed class SettingBoundsTests
{
    private static readonly TimeSpan Century = TimeSpan.FromDays(36_500);

    [Fact]
    public void Largest_AreTaken()
    {
        Assert.True(
            new OutboxOptionsValidator()
                .Validate(
                    null,
                    new OutboxOptions
                    {
                        TimeToLive = Century,
                        MaxBytesPerUser = long.MaxValue,
                        MaxMessagesPerUser = int.MaxValue,
                        SweepInterval = TimeSpan.FromDays(30),
                    }
                )
                .Succeeded
        );
        Assert.True(new AuthorityOptionsValidator().Validate(null, new AuthorityOptions { MaxTokenLifetime = Century }).Succeeded);
        Assert.True(new MailboxOptionsValidator().Validate(null, new MailboxOptions { AbandonedAfter = Century, RepeatWindow = TimeSpan.MaxValue }).Succeeded);
        Assert.True(
            new TopicLogOptionsValidator()
                .Validate(
                    null,
                    new TopicLogOptions
                    {
                        TimeToLive = Century,
                        AbandonedAfter = Century,
                        MaxMessagesPerLog = 1_000_000_000_000,
                        MaxBytesPerLog = long.MaxValue,
                    }
                )
                .Succeeded
        );
    }

    [Fact]
    public void BeyondTheLargest_AllAreNamed()
    {
        Assert.Equal(
            ["Outbox:TimeToLive: must be at most 36500.00:00:00, is 36501.00:00:00.", "Outbox:SweepInterval: must be at most 30.00:00:00, is 50.00:00:00."],
            new OutboxOptionsValidator()
                .Validate(null, new OutboxOptions { TimeToLive = TimeSpan.FromDays(36_501), SweepInterval = TimeSpan.FromDays(50) })
                .Failures
        );
        Assert.Equal(
            ["Authority:MaxTokenLifetime: must be at most 36500.00:00:00, is 36501.00:00:00."],
            new AuthorityOptionsValidator().Validate(null, new AuthorityOptions { MaxTokenLifetime = TimeSpan.FromDays(36_501) }).Failures
        );
        Assert.Equal(
            ["Mailbox:AbandonedAfter: must be at most 36500.00:00:00, is 36501.00:00:00."],
            new MailboxOptionsValidator().Validate(null, new MailboxOptions { AbandonedAfter = TimeSpan.FromDays(36_501) }).Failures
        );
        Assert.Equal(
            [
                "Topics:TimeToLive: must be at most 36500.00:00:00, is 36501.00:00:00.",
                "Topics:MaxMessagesPerLog: must be at most 1000000000000, is 4611686018427387905.",
                "Topics:AbandonedAfter: must be at most 36500.00:00:00, is 36501.00:00:00.",
                "Topics:SweepInterval: must be at most 30.00:00:00, is 50.00:00:00.",
            ],
            new TopicLogOptionsValidator()
                .Validate(
                    null,
                    new TopicLogOptions
                    {
                        TimeToLive = TimeSpan.FromDays(36_501),
                        MaxMessagesPerLog = (1L << 62) + 1,
                        AbandonedAfter = TimeSpan.FromDays(36_501),
                        SweepInterval = TimeSpan.FromDays(50),
                    }
                )
                .Failures
        );
    }
}

using CsCheck;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;

namespace NotifyOrleans.Silo.Tests.Outbox;

public abstract partial class OutboxStoreContract
{
    private const int ModelShards = 3;

    /// <summary>One step of a run: numbers that are made into a call, given what the run has done so far.</summary>
    private sealed record Step(int Kind, int Shard, int User, int Number, int Age, bool WithId);

    private static readonly string[] ModelUsers = ["", "a", "aa", "b.c"];

    private static readonly Gen<Step> AnyStep =
        from kind in Gen.Frequency((1, Gen.Const(0)), (6, Gen.Const(1)), (3, Gen.Const(2)), (1, Gen.Const(3)), (1, Gen.Const(4)))
        from shard in Gen.Int[0, ModelShards - 1]
        from user in Gen.Int[0, ModelUsers.Length - 1]
        from number in Gen.Int[1, 12]
        from age in Gen.Int[0, 3]
        from withId in Gen.Bool
        select new Step(kind, shard, user, number, age, withId);

    [Fact]
    public async Task AnyRun_AgreesWithTheModel() => await AnyStep.List[1, 60].SampleAsync(async steps => await RunAsync(steps), iter: ModelRuns, threads: 1);

    private async Task RunAsync(List<Step> steps)
    {
        await ClearAsync();
        var store = Open();
        var model = new OutboxModel();
        var epochs = new long[ModelShards];
        for (var shard = 0; shard < ModelShards; shard++)
            epochs[shard] = await OpenShardAsync(shard);

        foreach (var step in steps)
        {
            var user = ModelUsers[step.User];
            // Mostly the owner, now and then a former one.
            var epoch = epochs[step.Shard] - (step.Age == 3 ? 1 : 0);
            var place = new Place(Math.Max(1, epoch - step.Age / 2), step.Number);
            switch (step.Kind)
            {
                case 0:
                    epochs[step.Shard] = await OpenShardAsync(step.Shard);
                    break;
                case 1:
                    var messageId = step.WithId ? $"{place}" : null;
                    await CommitAsync(
                        new OutboxCommit(
                            step.Shard,
                            epoch,
                            [SampleRow.Create(user, place, messageId, expiresAt: 100 + step.Number * 10 + step.Age)],
                            [],
                            [new UserTally(user, new MailboxTally(step.Number, step.Age, 0, step.Age == 1 ? MailboxTally.Told : 100 * step.Age + step.Number))]
                        )
                    );
                    break;
                case 2:
                    var key = model.Row(step.Shard, user, place)?.Key ?? new StoredKey(user, place, step.WithId ? "none" : null, 1);
                    await CommitAsync(new OutboxCommit(step.Shard, epoch, [], [key], step.WithId ? [new UserTally(user, default)] : []));
                    break;
                case 3:
                    await CloseAsync(store);
                    store = Open();
                    break;
                default:
                    await store.FindExpiredAsync(100 + step.Number * 10, 100, default);
                    await store.FindDueAsync(200 + step.Number, 100, default);
                    break;
            }
        }

        for (var shard = 0; shard < ModelShards; shard++)
        {
            foreach (var user in ModelUsers)
            {
                var rows = await store.ReadAsync(shard, user, Place.Start, int.MaxValue, int.MaxValue, default);
                Assert.Equal(model.Read(shard, user, Place.Start).Select(Describe), rows.Select(Describe));
                Assert.Equal(model.Tally(shard, user), await store.ReadTallyAsync(shard, user, default));
                foreach (var row in rows.Where(row => row.Notification.MessageId is not null))
                    Assert.Equal(
                        model.Find(shard, user, row.Notification.MessageId!),
                        await store.FindAsync(shard, user, row.Notification.MessageId!, default)
                    );
                Assert.Null(await store.FindAsync(shard, user, "none", default));
            }
        }
        for (var now = 99; now < 240; now += 7)
            Assert.Equal(Order(model.Expired(now)), Order(await store.FindExpiredAsync(now, 100, default)));
        foreach (var now in (long[])[0, 5, 12, 205, 212, 305, 400])
            Assert.Equal(Order(model.Due(now)), Order(await store.FindDueAsync(now, 100, default)));
        await CloseAsync(store);

        async Task<long> OpenShardAsync(int shard)
        {
            var epoch = await store.OpenShardAsync(shard, default);
            Assert.Equal(model.OpenShard(shard), epoch);
            return epoch;
        }

        async Task CommitAsync(OutboxCommit commit)
        {
            if (model.Commit(commit))
                await store.CommitAsync(commit);
            else
                await Assert.ThrowsAsync<StaleEpochException>(() => store.CommitAsync(commit));
        }
    }

    private static IEnumerable<DueUser> Order(IEnumerable<DueUser> users) =>
        users.OrderBy(user => user.Shard).ThenBy(user => user.User, StringComparer.Ordinal);

    private static IEnumerable<ExpiredUser> Order(IEnumerable<ExpiredUser> users) =>
        users.OrderBy(user => user.Shard).ThenBy(user => user.User, StringComparer.Ordinal);
}

using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Database;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Silo.Outbox.Rows;
using Npgsql;
using NpgsqlTypes;
using static NotifyOrleans.Silo.Database.SqlParameters;

namespace NotifyOrleans.Silo.Topics.PostgreSqlEngine;

/// <summary>
/// Topic logs and durable subscriptions in the outbox's own PostgreSQL database, which many silos share. See docs/decisions/0019-topic-logs.md.
/// </summary>
internal sealed class PostgreSqlTopicLogStore(OutboxDatabase database) : ITopicLogStore
{
    public async Task<TopicLogState> OpenAsync(string log, CancellationToken cancellationToken) =>
        (await database.ReadRowsAsync(TopicStatements.Open, [Text(log)], ReadLog, cancellationToken))[0];

    public async Task AppendAsync(string log, long epoch, IReadOnlyList<StoredTopic> messages)
    {
        if (messages.Count == 0)
            return;
        var buffer = new ArrayBufferWriter<byte>();
        NpgsqlParameter[] parameters =
        [
            Text(log),
            Number(epoch),
            Number(messages[^1].Number),
            Number(messages[^1].Total),
            ArrayOf(messages.Select(message => message.Number), NpgsqlDbType.Bigint),
            ArrayOf(messages.Select(message => message.Total), NpgsqlDbType.Bigint),
            ArrayOf(messages.Select(message => message.StoredAt), NpgsqlDbType.Bigint),
            ArrayOf(messages.Select(message => message.Notification.Size), NpgsqlDbType.Integer),
            Utf8(messages.Select(message => message.Notification.Exchange)),
            Utf8(messages.Select(message => message.Notification.RoutingKey)),
            ArrayOf(messages.Select(message => RowFormat.Write(buffer, StoredTopicRow.Of(message)).ToArray()), NpgsqlDbType.Bytea),
        ];
        if (!await database.ReadAsync(TopicStatements.Append, parameters, reader => reader.ReadAsync(), CancellationToken.None))
            throw new StaleLogException(log, epoch);
    }

    public Task<IReadOnlyList<TopicLogState>> ReadLogsAsync(CancellationToken cancellationToken) =>
        database.ReadRowsAsync(TopicStatements.ReadLogs, [], ReadLog, cancellationToken);

    public Task<IReadOnlyList<StoredTopic>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        database.ReadRowsAsync(TopicStatements.Read, [Text(log), Number(after), Number(maxCount), Number(maxBytes)], ReadMessage, cancellationToken);

    public Task TrimAsync(string log, long cutUpTo, long goneUpTo) => database.ExecuteAsync(TopicStatements.Trim, Text(log), Number(cutUpTo), Number(goneUpTo));

    public async Task<IReadOnlyList<DurableRegistration>> RegisterAsync(IReadOnlyList<DurableTopic> topics, int maxPerUser)
    {
        byte[][] identities = [.. topics.Select(IdentityOf)];
        await database.ExecuteAsync(
            TopicStatements.Register,
            ArrayOf(identities, NpgsqlDbType.Bytea),
            Utf8(topics.Select(topic => topic.Interest.Exchange)),
            Utf8(topics.Select(topic => topic.Interest.Pattern)),
            ArrayOf(topics.Select(topic => SHA256.HashData(Encoding.UTF8.GetBytes(topic.User))), NpgsqlDbType.Bytea),
            Number(maxPerUser)
        );
        var registrations = await database.ReadAsync(
            TopicStatements.FindRegistered,
            [ArrayOf(identities, NpgsqlDbType.Bytea)],
            async reader =>
            {
                var found = new Dictionary<string, DurableRegistration>();
                while (await reader.ReadAsync())
                    found.Add(Convert.ToHexString(reader.GetBytes(0)), new DurableRegistration(reader.GetInt64(1), reader.GetBoolean(2)));
                return found;
            },
            CancellationToken.None
        );
        return [.. identities.Select(identity => registrations.GetValueOrDefault(Convert.ToHexString(identity)))];
    }

    public Task BeginAsync(IReadOnlyList<long> subscriptions, IReadOnlyList<TopicLogState> logs, long now) =>
        database.ExecuteAsync(
            TopicStatements.Begin,
            ArrayOf(subscriptions, NpgsqlDbType.Bigint),
            Number(now),
            ArrayOf(logs.Select(log => log.Log), NpgsqlDbType.Text),
            ArrayOf(logs.Select(log => log.Last), NpgsqlDbType.Bigint)
        );

    public Task EndAsync(IReadOnlyList<long> subscriptions) => database.ExecuteAsync(TopicStatements.End, ArrayOf(subscriptions, NpgsqlDbType.Bigint));

    public async Task<DurableCursor?> TakeUpAsync(DurableTopic topic, string session, long now)
    {
        var taken = await database.ReadAsync(
            TopicStatements.TakeUp,
            [Bytes(IdentityOf(topic)), Text(session), Number(now)],
            async reader => await reader.ReadAsync() ? (Number: reader.GetInt64(0), WasOpen: reader.GetBoolean(1)) : default,
            CancellationToken.None
        );
        if (taken.Number == 0)
            return null;
        var marks = await database.ReadRowsAsync(
            TopicStatements.ReadMarks,
            [Number(taken.Number)],
            reader => new LogMark(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)),
            CancellationToken.None
        );
        return new DurableCursor(taken.Number, marks, taken.WasOpen);
    }

    /// <remarks>The marks first: whoever finds that no session has it any more finds how far that one came.</remarks>
    public async Task<IReadOnlyList<long>> SaveAsync(IReadOnlyList<DurableProgress> progress, long now)
    {
        var marks = progress.SelectMany(each => each.Marks.Select(mark => (each.Subscription, Mark: mark))).ToArray();
        if (marks.Length > 0)
        {
            await database.ExecuteAsync(
                TopicStatements.SaveMarks,
                ArrayOf(marks.Select(mark => mark.Subscription), NpgsqlDbType.Bigint),
                ArrayOf(marks.Select(mark => mark.Mark.Log), NpgsqlDbType.Text),
                ArrayOf(marks.Select(mark => mark.Mark.Settled), NpgsqlDbType.Bigint),
                ArrayOf(marks.Select(mark => mark.Mark.Offered), NpgsqlDbType.Bigint)
            );
        }
        var saved = await database.ReadRowsAsync(
            TopicStatements.SaveSessions,
            [
                ArrayOf(progress.Select(each => each.Subscription), NpgsqlDbType.Bigint),
                ArrayOf(progress.Select(each => each.IsEnd ? each.Session : null), NpgsqlDbType.Text),
                Number(now),
            ],
            ReadNumber,
            CancellationToken.None
        );
        return [.. progress.Select(each => each.Subscription).Except(saved)];
    }

    public Task<long> ReadGenerationAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(TopicStatements.ReadGeneration, [], async reader => await reader.ReadAsync() ? reader.GetInt64(0) : 0, cancellationToken);

    public Task<DurableInterests> ReadInterestsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            TopicStatements.ReadInterests,
            [],
            async reader =>
            {
                var generation = 0L;
                var interests = new List<TopicInterest>();
                while (await reader.ReadAsync())
                {
                    generation = reader.GetInt64(0);
                    if (!await reader.IsDBNullAsync(1))
                        interests.Add(new TopicInterest(reader.GetUtf8(1), reader.GetUtf8(2)));
                }
                return new DurableInterests(generation, interests);
            },
            cancellationToken
        );

    public Task<LowestCursors> ReadLowestAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            TopicStatements.ReadLowest,
            [],
            async reader =>
            {
                var count = 0L;
                var settled = new Dictionary<string, long>();
                while (await reader.ReadAsync())
                {
                    count = reader.GetInt64(0);
                    if (!await reader.IsDBNullAsync(1))
                        settled.Add(reader.GetString(1), reader.GetInt64(2));
                }
                return new LowestCursors(count, settled);
            },
            cancellationToken
        );

    public Task<IReadOnlyList<long>> FindAbandonedAsync(long before, int maxCount, CancellationToken cancellationToken) =>
        database.ReadRowsAsync(TopicStatements.FindAbandoned, [Number(before), Number(maxCount)], ReadNumber, cancellationToken);

    private static long ReadNumber(NpgsqlDataReader reader) => reader.GetInt64(0);

    private static TopicLogState ReadLog(NpgsqlDataReader reader) =>
        new(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5));

    private static StoredTopic ReadMessage(NpgsqlDataReader reader)
    {
        var (number, total) = (reader.GetInt64(0), reader.GetInt64(1));
        if (!reader.IsDBNull(5))
            return StoredTopicRow.Read(number, total, isCut: false, reader.GetBytes(5));
        var rest = new Notification { Exchange = reader.GetUtf8(3), RoutingKey = reader.GetUtf8(4) };
        return new StoredTopic(number, total, Attempted: false, reader.GetInt64(2), IsCut: true, rest);
    }

    /// <summary>Names may be longer than an entry of an index.</summary>
    private static byte[] IdentityOf(DurableTopic topic)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in (string[])[topic.Interest.Exchange, topic.Interest.Pattern, topic.User, topic.Id])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return hash.GetHashAndReset();
    }
}

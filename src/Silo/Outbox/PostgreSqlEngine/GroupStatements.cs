using Npgsql;
using NpgsqlTypes;
using static NotifyOrleans.Silo.Database.SqlParameters;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>The statements of a group's transaction.</summary>
/// <param name="batch">Takes them.</param>
/// <param name="epochs">The shards that the group claims, with the epochs of their owners.</param>
/// <param name="number">The group's number.</param>
internal sealed class GroupStatements(NpgsqlBatch batch, IReadOnlyDictionary<int, long> epochs, long number)
{
    public void Add(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
    }

    /// <summary>One that names the claims in its first three parameters, as it is for the shards alone that the transaction has claimed.</summary>
    public void AddClaimed(string sql, params NpgsqlParameter[] parameters) =>
        Add(sql, [Shards(epochs.Keys), ArrayOf(epochs.Values, NpgsqlDbType.Bigint), Number(number), .. parameters]);

    public static NpgsqlParameter<short[]> Shards(IEnumerable<int> shards) => ArrayOf(shards.Select(shard => (short)shard), NpgsqlDbType.Smallint);
}

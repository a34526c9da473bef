using System.Globalization;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>The engine in a process of its own that is killed in the middle of commits.</summary>
public sealed class RocksDbKillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_AgainAndAgain_KeepsWhatWasCompleted()
    {
        var expected = new HashSet<(int Shard, string User, Place Place)>();
        for (var round = 1; round <= 3; round++)
        {
            var output = _folder.File($"out-{round}");
            var probe = NodeProcess.Start(
                "outboxprobe",
                ["dotnet", Path.Combine(AppContext.BaseDirectory, "NotifyOrleans.OutboxProbe.dll"), "endless", _folder.File("outbox")],
                new Dictionary<string, string?>(),
                output
            );
            await using (probe)
            {
                await probe.WaitForAsync(() => Task.FromResult(File.Exists(output) && new FileInfo(output).Length > 60_000), "2,000 changes or so");
                await probe.KillAsync();
            }
            var deleted = Apply(probe.Output, expected);

            using var store = OutboxFolder.Open(_folder.File("outbox"));
            var rows = new HashSet<(int, string, Place)>();
            for (var shard = 0; shard < 8; shard++)
            {
                for (var user = 0; user < 5; user++)
                {
                    foreach (var row in await store.ReadAsync(shard, $"user-{shard}-{user}", Place.Start, int.MaxValue, int.MaxValue, default))
                    {
                        rows.Add((shard, row.User, row.Place));
                        Assert.Equal(row.Place, await store.FindAsync(shard, row.User, row.Notification.MessageId!, default));
                    }
                }
            }
            Assert.Empty(expected.Except(rows));
            Assert.Empty(deleted.Intersect(rows));
            // Not printed any more: a row that was committed, and a deletion that was begun, of each shard.
            var more = rows.Except(expected).ToArray();
            Assert.InRange(more.Length, 0, 2 * 8);
            expected.UnionWith(more);
        }
    }

    /// <summary>Takes the changes over into what is expected, and returns what was deleted. A last line that was cut off does not count.</summary>
    private static HashSet<(int Shard, string User, Place Place)> Apply(string output, HashSet<(int Shard, string User, Place Place)> expected)
    {
        var deleted = new HashSet<(int, string, Place)>();
        foreach (var line in output[..(output.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            var place = Array.ConvertAll(words[3].Split('-'), number => long.Parse(number, CultureInfo.InvariantCulture));
            var change = (int.Parse(words[1], CultureInfo.InvariantCulture), words[2], new Place(place[0], place[1]));
            if (words[0] == "+")
                expected.Add(change);
            else
                expected.Remove(change);
            if (words[0] == "-")
                deleted.Add(change);
        }
        return deleted;
    }
}

using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Silo.Ingress.Recipients;

namespace NotifyOrleans.OutboxProbe;

/// <summary>How long it takes until a message to many users may be acknowledged: one row with all of them.</summary>
internal static class Recipients
{
    private const string Log = "partition-0";

    public static async Task<int> RunAsync(string target, int users, int messages)
    {
        await using var outbox = await ProbedOutbox.OpenAsync(target);
        var store = RecipientsExtensions.CreateStore(outbox.Store);
        var state = await store.OpenAsync(Log, CancellationToken.None);
        string[] named = [.. Enumerable.Range(0, users).Select(user => $"user-{user}")];
        var notification = SampleRow.Create("many", new Place(1, 1)).Notification;
        var times = new List<double>();
        var before = outbox.DiskBytes();
        for (var number = state.Last + 1; number <= state.Last + messages; number++)
        {
            var started = Stopwatch.GetTimestamp();
            await store.AppendAsync(Log, state.Epoch, [new LoggedDelivery(number, notification, named)]);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        var median = times.Order().ElementAt(messages / 2);
        Print(
            $"{messages} messages to {users} users, one after another: p50 {median:0.0} ms, longest {times.Max():0.0} ms, {users / median * 1000:0} recipients/s; on disk +{(outbox.DiskBytes() - before) >> 10} KiB"
        );
        var reading = Stopwatch.GetTimestamp();
        var read = await store.ReadAsync(Log, after: 0, messages, int.MaxValue, CancellationToken.None);
        Print($"{read.Count} of them read: {Stopwatch.GetElapsedTime(reading).TotalMilliseconds:0.0} ms");
        await store.DeleteAsync(Log, [.. read.Select(delivery => delivery.Number)]);
        return 0;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}

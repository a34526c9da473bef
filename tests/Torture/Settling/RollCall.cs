using NotifyOrleans.Testing;
using NotifyOrleans.Torture.Clients;
using NotifyOrleans.Torture.Ledgers;
using NotifyOrleans.Torture.Publishing;

namespace NotifyOrleans.Torture.Settling;

/// <summary>
/// Finds what is owed to anybody still, from outside: all leave in order, one new session of each user comes, and what it gets before a message that is
/// published then was left over.
/// </summary>
internal sealed class RollCall(Crowd crowd, Ledger ledger, Workload workload)
{
    /// <summary>
    /// What was settled as somebody left may come once more, and the subscriptions of lost sessions are kept for 30 s: these rounds take longer than that.
    /// </summary>
    public const int MaxRounds = 12;

    /// <summary>Returns how many messages were left over in the last round.</summary>
    public async Task<long> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var leftOver = 0L;
        for (var round = 0; round < MaxRounds; round++)
        {
            leftOver = await CallAsync(ledger.Audience.MessagesPerSequence + round, timeout, cancellationToken);
            if (leftOver == 0)
                break;
        }
        return leftOver;
    }

    private async Task<long> CallAsync(int number, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await Task.WhenAll(crowd.Devices.Select(device => device.LeaveAsync()));
        var arrivals = ledger.Arrivals;
        var received = ledger.Received;
        var firsts = crowd.Devices.DistinctBy(device => device.User).ToList();
        foreach (var device in firsts)
            device.Come();
        await Wait.Until(() => firsts.All(device => device.IsPresent), "a session of each user at the roll-call", timeout);
        await workload.RunAsync(number..(number + 1), ledger.Audience.OneOfEachUser, cancellationToken);
        await Wait.Until(
            () => ledger.Received >= received + firsts.Count,
            () => $"the roll-call's messages at all users; {received + firsts.Count - ledger.Received} are missing",
            timeout
        );
        return ledger.Arrivals - arrivals - firsts.Count;
    }
}

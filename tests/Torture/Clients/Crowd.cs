using System.Collections.Concurrent;
using NotifyOrleans.Testing;
using NotifyOrleans.Torture.Ledgers;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Clients;

/// <summary>All devices of all users.</summary>
public sealed class Crowd : IAsyncDisposable
{
    private const int MaxDevicesPerUser = 3;

    // 1,000 a second.
    private const int ComeAtOnce = 50;

    private static readonly TimeSpan ComeInterval = TimeSpan.FromMilliseconds(50);

    // What may read the queue.
    private static readonly string[] Roles = ["service"];

    // Tokens outlive the run.
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(12);
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    private readonly World _world;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<string, int> _errors = new();
    private readonly ConcurrentDictionary<int, int> _closes = new();
    private readonly Task _ticking;
    private readonly ConcurrentQueue<TimeSpan> _connects = new();
    private readonly Ledger _ledger;
    private int _failures;

    /// <param name="world">Where they connect.</param>
    /// <param name="ledger">Where they write down what they get.</param>
    /// <param name="random">Decides how many devices a user has and how they acknowledge.</param>
    /// <param name="maxDevicesPerUser">From 1 to so many.</param>
    public Crowd(World world, Ledger ledger, Random random, int maxDevicesPerUser = MaxDevicesPerUser)
    {
        _world = world;
        _ledger = ledger;
        Devices =
        [
            .. Enumerable
                .Range(0, ledger.Audience.Users.Count)
                .SelectMany(user => Enumerable.Range(1, random.Next(1, maxDevicesPerUser + 1)).Select(number => NewDevice(user, number, random))),
        ];
        foreach (var device in Devices)
            device.Start();
        _ticking = TickAsync();
    }

    public IReadOnlyList<Device> Devices { get; }

    /// <summary>Sessions that were opened.</summary>
    public int Connects => _connects.Count;

    /// <summary>Attempts to open one that failed.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>ERROR frames, by message.</summary>
    public IReadOnlyDictionary<string, int> Errors => _errors;

    /// <summary>Close frames of edges, by code.</summary>
    public IReadOnlyDictionary<int, int> Closes => _closes;

    /// <summary>When clients began to connect, of sessions that were opened, since the start of the run.</summary>
    public IReadOnlyCollection<TimeSpan> ConnectTimes => _connects;

    public int Absent => Devices.Count(device => !device.IsPresent);

    /// <summary>A part of the devices, always the same for the same seed.</summary>
    public IReadOnlyList<Device> Some(double share, int seed)
    {
        var random = new Random(seed);
        return [.. Devices.Where(_ => random.NextDouble() < share)];
    }

    /// <summary>All come; completes when all are subscribed.</summary>
    public async Task GatherAsync(TimeSpan timeout)
    {
        foreach (var some in Devices.Chunk(ComeAtOnce))
        {
            foreach (var device in some)
                device.Come();
            await Task.Delay(ComeInterval);
        }
        await Wait.Until(() => Absent == 0, () => $"all devices to be connected; {Absent} are not. Errors: {Describe()}", timeout);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _ticking;
        await Task.WhenAll(Devices.Select(device => device.EndAsync()));
        _ending.Dispose();
    }

    internal Uri AddressOf(int edge) => _world.StompAddress(edge % _world.Edges.Count);

    internal string TokenOf(Device device) => _world.Tokens.For(device.User, TokenLifetime, Roles);

    internal TimeSpan Now => _ledger.Now;

    /// <summary>A session was opened.</summary>
    /// <param name="at">When its client began to connect.</param>
    internal void CountConnect(TimeSpan at) => _connects.Enqueue(at);

    internal void CountFailure() => Interlocked.Increment(ref _failures);

    internal void CountError(string message) => _errors.AddOrUpdate(message, 1, (_, count) => count + 1);

    internal void CountClose(int code) => _closes.AddOrUpdate(code, 1, (_, count) => count + 1);

    /// <summary>The first of each user follows a topic too. Whoever acknowledges works for the queue: it takes back what was not.</summary>
    private Device NewDevice(int user, int number, Random random)
    {
        var (audience, ackMode) = (_ledger.Audience, (AckMode)random.Next(3));
        List<RecipientLedger> recipients = [audience.Users[user]];
        if (number == 1)
            recipients.Add(audience.Followers[user]);
        if (number == 1 && ackMode != AckMode.Auto)
            recipients.Add(audience.Workers);
        return new Device(this, recipients, number, ackMode, random.Next());
    }

    private string Describe() => string.Join(", ", _errors.Select(error => $"{error.Value} x {error.Key}"));

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TickInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                foreach (var device in Devices)
                    _ = device.TickAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }
}

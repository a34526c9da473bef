using NotifyOrleans.Torture.Ledgers;

namespace NotifyOrleans.Torture.Clients;

/// <summary>One of a user's browsers or apps: has one session at a time, and opens another, at another edge, when that is lost.</summary>
public sealed class Device
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly Random _random;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _away = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile DeviceSession? _session;
    private Task _running = Task.CompletedTask;
    private int _ticking;

    internal Device(Crowd crowd, IReadOnlyList<RecipientLedger> recipients, int number, AckMode ackMode, int seed)
    {
        Crowd = crowd;
        Recipients = recipients;
        Name = $"d{number}";
        AckMode = ackMode;
        _random = new Random(seed);
        _away.SetResult();
    }

    public Crowd Crowd { get; }

    /// <summary>For whom it subscribes: its user, and others.</summary>
    public IReadOnlyList<RecipientLedger> Recipients { get; }

    public string User => Recipients[0].Name;

    public string Name { get; }

    public AckMode AckMode { get; }

    /// <summary>Whether it is subscribed.</summary>
    public bool IsPresent => _session is { Ended.IsCompleted: false };

    public void Start() => _running = RunAsync();

    /// <summary>Comes, and comes back after each loss, until it is told to leave.</summary>
    public void Come()
    {
        lock (_lock)
        {
            if (_wanted.TrySetResult())
                _away = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Says goodbye and stays away; completes when it is gone.</summary>
    public async Task LeaveAsync()
    {
        Task away;
        lock (_lock)
        {
            if (_wanted.Task.IsCompleted)
                _wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            away = _away.Task;
        }
        if (_session is { } session)
            await session.LeaveAsync();
        // A device that has failed does not go away; it says why.
        await await Task.WhenAny(away, _running);
    }

    /// <summary>Its network breaks without a word; it comes back by itself.</summary>
    public void Vanish() => _session?.Abort();

    /// <summary>Reads nothing until the task completes.</summary>
    public void StopReading(Task until) => _session?.StopReading(until);

    public async Task TickAsync()
    {
        // A send that cannot go on must not pile up more behind it.
        if (_session is not { } session || Interlocked.Exchange(ref _ticking, 1) == 1)
            return;
        await session.TickAsync();
        Volatile.Write(ref _ticking, 0);
    }

    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        _session?.Abort();
        await _running;
        _ending.Dispose();
    }

    private bool IsWanted
    {
        get
        {
            lock (_lock)
                return _wanted.Task.IsCompleted;
        }
    }

    /// <summary>Completes when it is to have a session. It has none, so until then it is away; it may have been told to leave while it had none.</summary>
    private Task WantedAsync()
    {
        lock (_lock)
        {
            if (!_wanted.Task.IsCompleted)
                _away.TrySetResult();
            return _wanted.Task;
        }
    }

    private async Task RunAsync()
    {
        var pause = FirstPause;
        var edge = _random.Next();
        while (!_ending.IsCancellationRequested)
        {
            TimeSpan? told = null;
            try
            {
                await WantedAsync().WaitAsync(_ending.Token);
                var at = Crowd.Now;
                await using var session = await DeviceSession.OpenAsync(this, Crowd.AddressOf(edge++), Crowd.TokenOf(this));
                Crowd.CountConnect(at);
                pause = FirstPause;
                await StayAsync(session);
                told = session.RetryAfter;
            }
            catch (SessionFailedException)
            {
                Crowd.CountFailure();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            if (IsWanted)
                await Task.Delay(told ?? (pause * (0.5 + _random.NextDouble())), CancellationToken.None);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task StayAsync(DeviceSession session)
    {
        _session = session;
        CountSubscribed(+1);
        // It may have been told to leave while it was on its way.
        if (!IsWanted)
            await session.LeaveAsync();
        if (_ending.IsCancellationRequested)
            session.Abort();
        await session.Ended;
        CountSubscribed(-1);
        _session = null;
        if (session.CloseStatus is { } status)
            Crowd.CountClose((int)status);
    }

    private void CountSubscribed(int change)
    {
        foreach (var recipient in Recipients)
            recipient.CountSubscribed(change);
    }
}

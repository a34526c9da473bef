using System.Diagnostics;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>
/// Many users of a running system, and a service that publishes numbered messages to each of them under two routing keys. Keeps what each user has received, to
/// be held against what was published.
/// </summary>
public sealed class Crowd : IAsyncDisposable
{
    private readonly RunningSystem _system;
    private readonly Dictionary<string, UserLog> _logs;
    private readonly List<StompClient> _sessions = [];
    private int _rounds;
    private int _published;

    /// <param name="system">Where they are.</param>
    /// <param name="name">Names the users, so that crowds of one system are apart.</param>
    /// <param name="size">How many.</param>
    public Crowd(RunningSystem system, string name, int size)
    {
        _system = system;
        _logs = Enumerable.Range(0, size).ToDictionary(number => $"{name}{number}", _ => new UserLog());
    }

    public IReadOnlyList<string> Users => [.. _logs.Keys];

    public IReadOnlyList<StompClient> Sessions => _sessions;

    /// <summary>How many messages were confirmed by the broker.</summary>
    public int Published => Volatile.Read(ref _published);

    /// <summary>How many rounds have begun.</summary>
    public int Rounds => Volatile.Read(ref _rounds);

    public int Repeats => _logs.Values.Sum(log => log.Repeats);

    /// <summary>A session for each of the users, spread over the edges.</summary>
    public Task SubscribeAsync(IEnumerable<string> users) =>
        Task.WhenAll(users.Select((user, index) => SubscribeAsync(_system.Edges[index % _system.Edges.Count], user)));

    /// <summary>Publishes further messages: in each round one to every user.</summary>
    public async Task PublishAsync(int rounds)
    {
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        for (var round = 0; round < rounds; round++)
        {
            var number = _rounds++;
            await Task.WhenAll(
                _logs.Keys.Select(user =>
                    publisher.PublishAsync($"user.{user}.{(number % 2 == 0 ? "even" : "odd")}", $"{number}", messageId: $"{user}-{number}").AsTask()
                )
            );
            Interlocked.Add(ref _published, _logs.Count);
        }
    }

    /// <summary>How long after a moment each user got the first message that was published after it.</summary>
    /// <param name="moment">By <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="round">The first round that began after it.</param>
    /// <param name="users">Who is looked at.</param>
    public IReadOnlyList<TimeSpan> FirstAfter(long moment, int round, IEnumerable<string> users) =>
        [.. users.Select(user => Stopwatch.GetElapsedTime(moment, _logs[user].Firsts.Where(first => first.Number >= round).Min(first => first.At))).Order()];

    /// <summary>Waits until so many messages are published.</summary>
    public Task PublishedAsync(int count, Task publishing) => Wait.Until(() => Published >= count || publishing.IsFaulted, $"{count} messages to be published");

    /// <summary>Waits until users have everything that was published.</summary>
    public Task CompleteAsync(IReadOnlyCollection<string> users, string who) =>
        Wait.Until(() => users.All(user => _logs[user].Count == _rounds), () => $"every message at {who}. Missing: {Missing(users)}", TimeSpan.FromSeconds(60));

    /// <summary>First arrivals in order for each user and routing key, repeats that say so, and all sessions still open.</summary>
    public void AssertSound()
    {
        foreach (var (user, log) in _logs)
        {
            foreach (var key in log.Firsts.GroupBy(first => first.Destination))
                Assert.True(
                    key.Zip(key.Skip(1)).All(pair => pair.First.Number < pair.Second.Number),
                    $"{user}, {key.Key}: {string.Join(' ', key.Select(first => first.Number))}"
                );
        }
        Assert.All(_logs.Values, log => Assert.Equal(0, log.UnflaggedRepeats));
        Assert.All(_sessions, session => Assert.False(session.IsEnded, "a session did not last"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
            await session.DisposeAsync();
    }

    private async Task SubscribeAsync(RunningNode edge, string user)
    {
        var session = await _system.ConnectAsync(edge, user);
        session.KeepsFrames = true;
        session.OnFrame = _logs[user].RecordAsync;
        lock (_sessions)
            _sessions.Add(session);
        await session.SubscribeAsync($"/exchange/notifications/user.{user}.#");
    }

    private string Missing(IEnumerable<string> users) =>
        string.Join(
            "; ",
            users
                .Where(user => _logs[user].Count != _rounds)
                .Select(user => $"{user}: {string.Join(' ', Enumerable.Range(0, _rounds).Except(_logs[user].Firsts.Select(first => first.Number)))}")
        );
}

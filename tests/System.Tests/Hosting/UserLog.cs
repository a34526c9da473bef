using System.Diagnostics;
using NotifyOrleans.Stomp;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>What one user has received over all sessions: each message once, in the order of its first arrival.</summary>
public sealed class UserLog
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _seen = [];
    private readonly List<(string Destination, int Number, long At)> _firsts = [];

    public int Repeats { get; private set; }

    /// <summary>Repeats that did not say so.</summary>
    public int UnflaggedRepeats { get; private set; }

    public int Count
    {
        get
        {
            lock (_lock)
                return _firsts.Count;
        }
    }

    /// <summary>With the time of arrival, by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public IReadOnlyList<(string Destination, int Number, long At)> Firsts
    {
        get
        {
            lock (_lock)
                return [.. _firsts];
        }
    }

    public Task RecordAsync(StompClient client, StompFrame frame)
    {
        if (frame.Command != StompCommands.Message)
            return Task.CompletedTask;
        lock (_lock)
        {
            if (_seen.Add(frame["amqp-message-id"]!))
            {
                _firsts.Add((frame["destination"]!, int.Parse(StompClient.Text(frame).Split(' ')[0]), Stopwatch.GetTimestamp()));
            }
            else
            {
                Repeats++;
                if (frame["redelivered"] != "true")
                    UnflaggedRepeats++;
            }
        }
        return Task.CompletedTask;
    }
}

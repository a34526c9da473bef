using System.Collections.Concurrent;
using NotifyOrleans.Grains.Events;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>Stands at the end of the port to other services; the real one is tested with the broker.</summary>
internal sealed class RecordedEvents : IUserEvents
{
    private readonly ConcurrentQueue<UndeliveredEvent> _undelivered = new();
    private readonly ConcurrentQueue<PresenceEvent> _presence = new();

    /// <summary>Whether the broker is away.</summary>
    public bool IsAway { get; set; }

    /// <summary>Attempts that failed.</summary>
    public ConcurrentQueue<UndeliveredEvent> Failed { get; } = new();

    public IReadOnlyList<UndeliveredEvent> UndeliveredOf(string user) => [.. _undelivered.Where(each => each.User == user)];

    public IReadOnlyList<string> PresenceOf(string user) =>
        [.. _presence.Where(each => each.User == user).Select(each => each.IsOnline ? "online" : "offline")];

    public Task PublishAsync(UndeliveredEvent undelivered, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            Failed.Enqueue(undelivered);
            throw new IOException("The broker is away");
        }
        _undelivered.Enqueue(undelivered);
        return Task.CompletedTask;
    }

    public void Publish(PresenceEvent presence) => _presence.Enqueue(presence);
}

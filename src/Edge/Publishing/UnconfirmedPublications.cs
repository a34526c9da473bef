namespace NotifyOrleans.Edge.Publishing;

/// <summary>What was sent on one channel and is not confirmed, by the number that the broker counts with (RabbitMQ's "Publisher Confirms").</summary>
internal sealed class UnconfirmedPublications
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Publication> _sent = [];
    private ulong _last;
    private ulong _lowest = 1;

    /// <summary>Counts one in that is about to be sent.</summary>
    /// <returns>Its number.</returns>
    public ulong Add(Publication publication)
    {
        lock (_gate)
        {
            _sent.Add(++_last, publication);
            return _last;
        }
    }

    /// <summary>Takes out what the broker speaks of.</summary>
    /// <param name="number">The number that it names.</param>
    /// <param name="multiple">Whether it means all up to that one.</param>
    public List<Publication> Take(ulong number, bool multiple)
    {
        var taken = new List<Publication>();
        lock (_gate)
        {
            for (var at = multiple ? _lowest : number; at <= number; at++)
            {
                if (_sent.Remove(at, out var publication))
                    taken.Add(publication);
            }
            if (multiple && number >= _lowest)
                _lowest = number + 1;
        }
        return taken;
    }

    /// <summary>Everything, in the order in which it was sent.</summary>
    public List<Publication> All()
    {
        lock (_gate)
            return [.. _sent.OrderBy(sent => sent.Key).Select(sent => sent.Value)];
    }
}

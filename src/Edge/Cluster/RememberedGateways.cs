using Orleans.Messaging;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>
/// The gateways that the membership table names, or, while it cannot be read, those that it named last: the silos are still there. Kept over the clients that
/// take each other's place.
/// </summary>
internal sealed partial class RememberedGateways(ILogger<RememberedGateways> logger)
{
    private volatile IList<Uri> _last = [];
    private int _away;

    /// <summary>The gateways as read by a client's provider, with this memory behind it.</summary>
    public IGatewayListProvider Behind(IGatewayListProvider table) => new Provider(this, table);

    private async Task<IList<Uri>> ReadAsync(Func<Task<IList<Uri>>> read)
    {
        try
        {
            var gateways = await read();
            if (Interlocked.Exchange(ref _away, 0) == 1)
                LogBack();
            return _last = gateways;
        }
        catch (Exception exception) when (_last.Count > 0)
        {
            if (Interlocked.Exchange(ref _away, 1) == 0)
                LogAway(exception.Message);
            return _last;
        }
    }

    private sealed class Provider(RememberedGateways memory, IGatewayListProvider table) : IGatewayListProvider
    {
        private bool _initialized;

        public TimeSpan MaxStaleness => table.MaxStaleness;

#pragma warning disable CS0618 // No longer used, and still asked for by the interface.
        public bool IsUpdatable => table.IsUpdatable;
#pragma warning restore CS0618

        // Done with the first reading, so that a table that is away is no fault here.
        public Task InitializeGatewayListProvider() => Task.CompletedTask;

        public Task<IList<Uri>> GetGateways() =>
            memory.ReadAsync(async () =>
            {
                if (!_initialized)
                    await table.InitializeGatewayListProvider();
                _initialized = true;
                return await table.GetGateways();
            });
    }
}

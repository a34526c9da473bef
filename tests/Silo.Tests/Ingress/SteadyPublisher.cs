using System.Collections.Concurrent;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>
/// A microservice that goes on publishing to each of some users, one number after another, and connects again when the broker was away. A round whose confirms
/// did not all come is published again, as such a service would.
/// </summary>
internal sealed class SteadyPublisher(Uri broker, int users) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, int> _attempts = new();
    private CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private volatile int _rounds;

    /// <summary>How many rounds the broker has confirmed.</summary>
    public int Rounds => _rounds;

    /// <summary>How often a round was published.</summary>
    public int AttemptsAt(int round) => _attempts[round];

    /// <summary>Waits until so many more rounds are confirmed.</summary>
    public Task MoreAsync(int rounds)
    {
        var goal = Rounds + rounds;
        return Wait.Until(() => Rounds >= goal, () => $"round {goal} to be confirmed, it is {Rounds}", TimeSpan.FromSeconds(90));
    }

    /// <summary>Begins, or goes on.</summary>
    public void Start()
    {
        _stopping = new CancellationTokenSource();
        _running = Task.Run(RunAsync);
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var publisher = await Publisher.ConnectAsync(broker);
                while (!_stopping.IsCancellationRequested)
                {
                    _attempts.AddOrUpdate(Rounds, 1, (_, before) => before + 1);
                    await publisher.PublishAsync(users, Rounds, count: 1);
                    _rounds++;
                    await Task.Delay(20);
                }
            }
            catch (Exception)
            {
                // The broker is away; a publisher that has no confirm publishes again.
                await Task.Delay(20);
            }
        }
    }
}

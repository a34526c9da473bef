using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>
/// Tells the dispatchers of this silo's queues of new channels: what is left in the log of messages to many users goes on, though nothing new comes.
/// </summary>
public sealed class ChannelWatch(IDeliverySettler settler, IGrainFactory grains, TimeProvider time, ILogger<ChannelWatch> logger) : BackgroundService
{
    /// <summary>How soon after the opening of a channel; it is a look at a list of a few.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, long> _told = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var (queue, channelEpoch) in settler.Channels.Where(channel => _told.GetValueOrDefault(channel.Queue) != channel.ChannelEpoch))
                await TellAsync(queue, channelEpoch);
        }
    }

    private async Task TellAsync(string queue, long channelEpoch)
    {
        try
        {
            await grains.GetGrain<IDispatcherGrain>(queue).BeginAsync(channelEpoch);
            _told[queue] = channelEpoch;
        }
        catch (Exception exception)
        {
            // It is told again, and hears of it with the first delivery.
            logger.ChannelNotTold(exception, queue);
        }
    }
}

using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Consuming;

public sealed class DeliveryFactoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Headers_WithinEachOther_AreCutAt32Levels(bool areLists)
    {
        object? value = "innermost";
        for (var level = 0; level < 40; level++)
            value = areLists ? new List<object?> { value } : new Dictionary<string, object?> { ["deeper"] = value };
        var properties = new BasicProperties
        {
            Headers = new Dictionary<string, object?> { ["deep"] = value, ["flat"] = 1 },
        };

        var headers = DeliveryFactory.Create("q", epoch: 1, tag: 1, redelivered: false, "e", "k", properties, []).Headers!;

        Assert.Equal(1, headers["flat"]);
        Assert.Equal(32, DepthOf(headers["deep"]));
    }

    private static int DepthOf(object? value) =>
        value switch
        {
            IReadOnlyDictionary<string, object?> table => 1 + DepthOf(table["deeper"]),
            IReadOnlyList<object?> list => 1 + DepthOf(list[0]),
            _ => 0,
        };
}

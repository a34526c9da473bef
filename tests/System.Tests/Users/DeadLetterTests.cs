using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Users;

/// <summary>A client rejects a message, an operator sends it back.</summary>
[Collection(SharedSystem.Name)]
public sealed class DeadLetterTests(RunningSystem system)
{
    [Theory]
    [InlineData("user.erin.note", null)]
    [InlineData("letters.note", "erin,frank")]
    public async Task RejectedMessage_SentBack_ReachesItsUserAgain(string key, string? recipients)
    {
        await using var erin = await system.ConnectAsync("erin");
        await erin.SubscribeAsync("/exchange/notifications/user.erin.#", ack: "client-individual");
        await using var publisher = await Publisher.ConnectAsync(system.Broker.Uri);
        var headers = recipients is null ? null : new Dictionary<string, object?> { ["x-recipients"] = recipients };
        await publisher.PublishAsync(key, "hello", messageId: $"id of {key}", headers: headers);
        var first = Assert.Single(await erin.MessagesAsync(1));

        await erin.SendAsync(StompCommands.Nack, [("id", first["ack"]!), ("requeue", "false")]);

        using var http = new HttpClient { BaseAddress = system.Silo.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", system.Tokens.For("operator", "admin"));
        JsonElement[] letters = [];
        await Wait.Until(
            async () =>
                (letters = [.. (await http.GetFromJsonAsync<JsonElement>("admin/dead-letters")).GetProperty("deadLetters").EnumerateArray()]).Length == 1,
            "the rejected message among the dead letters"
        );
        Assert.Equal(
            ("rejected", key, "hello"),
            (letters[0].GetProperty("reason").GetString(), letters[0].GetProperty("routingKey").GetString(), letters[0].GetProperty("text").GetString())
        );

        await Wait.Until(
            async () => await system.Silo.MetricAsync("notifyorleans_deliveries_dead_lettered_total", "reason=\"rejected\"") > 0,
            "the rejected message to be counted"
        );

        using var answer = await http.PostAsJsonAsync("admin/dead-letters/redrive", new { ids = new[] { letters[0].GetProperty("id").GetString() } });
        answer.EnsureSuccessStatusCode();

        // Though its message-id was seen just now.
        var second = (await erin.MessagesAsync(2))[1];
        Assert.Equal(("hello", first["destination"], first["amqp-message-id"]), (StompClient.Text(second), second["destination"], second["amqp-message-id"]));
        Assert.Null(second["x-redriven"]);
        await erin.AckAsync(second);
        if (recipients is not null)
        {
            // The other recipient has it once: it was not rejected by him.
            await using var frank = await system.ConnectAsync("frank");
            await frank.SubscribeAsync("/exchange/notifications/user.frank.#");
            await publisher.PublishAsync("user.frank.last", "last");
            Assert.Equal(["hello", "last"], (await frank.MessagesAsync(2)).Select(StompClient.Text));
        }
    }
}

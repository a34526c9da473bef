using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Protocol;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.BothWays;

/// <summary>The broker's own protocols, a real edge and the authority's HTTP answers: the same token and the same question get the same answer.</summary>
public sealed class BothWaysTests(BothWaysSystem fixture) : IClassFixture<BothWaysSystem>
{
    private const int Rows = 300;

    [Fact]
    public async Task Table_AtBrokerEdgeAndHttp_GetsOneAnswer()
    {
        var table = AccessTable.Create(fixture.System.Tokens);
        Assert.True(table.Count >= Rows, $"{table.Count} rows");

        var differing = await Task.WhenAll(table.GroupBy(row => row.Client).Select(rows => CompareAsync(rows.Key, [.. rows])));

        Assert.Empty(differing.SelectMany(each => each));
    }

    [Fact]
    public async Task Refusal_WhateverIsWrong_SaysTheSame()
    {
        var tokens = fixture.System.Tokens;
        await using (await fixture.System.ConnectAsync("known")) { }
        var answers = new HashSet<string>();
        foreach (var kind in (TokenKind[])[TokenKind.Expired, TokenKind.Tampered, TokenKind.OfAnotherAudience, TokenKind.OfAnotherUser, TokenKind.Garbage])
        {
            foreach (var user in (string[])["known", "never-seen"])
                answers.Add((await RefusalAsync(user, AccessTable.TokenOf(kind, user, tokens))).Replace(user, "USER", StringComparison.Ordinal));
        }
        Assert.Equal("Bad CONNECT: Access refused for user 'USER'\n 4401 Login refused", Assert.Single(answers));
    }

    [Fact]
    public async Task Mqtt_OverWebSocket_GetsTheAnswersOfTheEdge()
    {
        var tokens = fixture.System.Tokens;
        var alice = new AccessClient("alice", TokenKind.Good, tokens.For("alice"));
        await using var edge = new StompWay(fixture.System.StompAddress, alice);
        foreach (
            var (filter, key) in new[]
            {
                ("user/alice/#", "user.alice.#"),
                ("broadcast/+", "broadcast.*"),
                ("user/bob/#", "user.bob.#"),
                ("user/#", "user.#"),
                ("+/alice", "*.alice"),
                ("#", "#"),
            }
        )
        {
            var isAllowed = await edge.TryAsync(new AccessRow(alice, "SUBSCRIBE", $"/topic/{key}", [], false));
            Assert.True(isAllowed == key is "user.alice.#" or "broadcast.*", key);
            Assert.True(await SubscribesAsync(alice, filter) == isAllowed, filter);
        }
        Assert.False(await SubscribesAsync(alice with { Passcode = tokens.For("alice", TimeSpan.FromHours(-1)) }, "user/alice/#"));
        Assert.False(await SubscribesAsync(alice with { User = "bob" }, "user/bob/#"));
    }

    /// <summary>All that the edge says to a CONNECT that it refuses.</summary>
    private async Task<string> RefusalAsync(string user, string passcode)
    {
        await using var client = await StompClient.OpenAsync(fixture.System.StompAddress);
        await client.SendAsync("CONNECT", [("accept-version", "1.2"), ("login", user), ("passcode", passcode)]);
        await Wait.Until(() => client.IsEnded, "the refusal", TimeSpan.FromSeconds(60));
        var error = Assert.Single(client.Frames);
        return $"{error["message"]}: {StompClient.Text(error)} {(int)client.CloseStatus!} {client.CloseReason}";
    }

    /// <summary>Rows of a client in which somebody says what the others do not.</summary>
    private async Task<IEnumerable<string>> CompareAsync(AccessClient client, AccessRow[] rows)
    {
        await using var edge = new StompWay(fixture.System.StompAddress, client);
        await using var broker = new StompWay(fixture.WebStompAddress, client);
        var http = new HttpWay(fixture.Silo, client);
        if (client.Token is TokenKind.RevokedByUser or TokenKind.RevokedById or TokenKind.RevokedByTime)
            await RevokeAsync(client, edge, broker, http, rows[0]);
        var answers = await Task.WhenAll(AskAsync(edge.TryAsync), AskAsync(broker.TryAsync), AskAsync(http.TryAsync));
        return rows.Select((row, i) => (Row: row, Edge: answers[0][i], Broker: answers[1][i], Http: answers[2][i]))
            .Where(each => each.Edge != each.Row.IsAllowed || each.Broker != each.Row.IsAllowed || each.Http != each.Row.IsAllowed)
            .Select(each => $"{each.Row}: allowed {each.Row.IsAllowed}, edge {each.Edge}, broker {each.Broker}, http {each.Http}");

        async Task<bool[]> AskAsync(Func<AccessRow, Task<bool>> tryAsync)
        {
            var mine = new List<bool>();
            foreach (var row in rows)
                mine.Add(await tryAsync(row));
            return [.. mine];
        }
    }

    /// <summary>Revokes the token of a client that is connected both ways; returns when it is not any more.</summary>
    private async Task RevokeAsync(AccessClient client, StompWay edge, StompWay broker, HttpWay http, AccessRow row)
    {
        Assert.True(await edge.ConnectAsync());
        Assert.True(await broker.ConnectAsync());
        using var request = new HttpRequestMessage(HttpMethod.Post, "admin/revocations")
        {
            Content = JsonContent.Create<object>(
                client.Token switch
                {
                    TokenKind.RevokedByUser => new { user = client.User },
                    TokenKind.RevokedByTime => new { user = client.User, issuedBefore = DateTimeOffset.UtcNow.AddSeconds(1) },
                    _ => new { user = client.User, tokenId = IdOf(client.Passcode) },
                }
            ),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.System.Tokens.For("operator", "admin"));
        using var reply = await fixture.Silo.SendAsync(request);
        Assert.Contains("\"closed\"", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Wait.Until(() => !edge.IsConnected && !broker.IsConnected, "the sessions of a revoked user to end", TimeSpan.FromSeconds(60));
        // Also what a connection would be asked for that is still open.
        Assert.False(await http.IsAllowedAsync(row, client.Roles));
    }

    private static string IdOf(string token) =>
        JsonDocument.Parse(global::System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement.GetProperty("jti").GetString()!;

    private async Task<bool> SubscribesAsync(AccessClient client, string filter)
    {
        using var mqtt = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder()
            .WithWebSocketServer(server => server.WithUri($"ws://127.0.0.1:{fixture.System.Broker.WebMqttPort}/ws"))
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V311)
            .WithClientId($"test-{Guid.NewGuid():n}")
            .WithCredentials(client.User, client.Passcode)
            .WithTimeout(TimeSpan.FromSeconds(60))
            .Build();
        try
        {
            var connected = await mqtt.ConnectAsync(options);
            if (connected.ResultCode != MqttClientConnectResultCode.Success)
                return false;
            var answer = await mqtt.SubscribeAsync(
                new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce).Build()
            );
            return answer.Items.All(item => item.ResultCode <= MqttClientSubscribeResultCode.GrantedQoS2);
        }
        catch (Exception exception) when (exception is MQTTnet.Exceptions.MqttCommunicationException or MQTTnet.Adapter.MqttConnectingFailedException)
        {
            // 3.10 closes the connection.
            return false;
        }
    }
}

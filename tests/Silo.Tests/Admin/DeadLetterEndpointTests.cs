using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using NotifyOrleans.Silo.Tests.Authority;
using NotifyOrleans.Silo.Tests.Hosting;
using NotifyOrleans.Silo.Tests.Ingress;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.Admin;

[Collection(BrokerCollection.Name)]
public sealed class DeadLetterEndpointTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private const int MaxBytes = 2000;

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private Publisher _publisher = null!;
    private SiloProcess _silo = null!;

    public async Task InitializeAsync()
    {
        var address = await broker.CreateVhostAsync();
        _publisher = await Publisher.ConnectAsync(address);
        var settings = SiloProcess.Settings(_folder);
        foreach (var (name, value) in TestIssuers.Settings)
            settings[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        settings["ConnectionStrings__RabbitMq"] = address.AbsoluteUri;
        settings["Ingress__MaxMessageBytes"] = $"{MaxBytes}";
        settings["Ingress__Sources__0__Declare"] = "true";
        _silo = SiloProcess.Start(_folder, settings);
        await _silo.WaitForLifeAsync();
        await _silo.WaitForCheckAsync("ingress", check => check == "ok");
        _http.BaseAddress = new Uri(_silo.Address);
        SignIn(new TestToken("operator", "admin"));
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _publisher.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Requests_WithoutTheRole_AreRefused()
    {
        SignIn(new TestToken("somebody", "service"));
        Assert.Equal(HttpStatusCode.Forbidden, (await _http.GetAsync("admin/dead-letters")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await RedriveAsync(new { })).Status);

        SignIn(new TestToken("operator", "admin") { Lifetime = TimeSpan.FromHours(-1) });
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync("admin/dead-letters")).StatusCode);

        _http.DefaultRequestHeaders.Authorization = null;
        var answer = await _http.GetAsync("admin/dead-letters");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("many")]
    public async Task List_WrongLimit_IsABadRequest(string limit) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync($"admin/dead-letters?limit={limit}")).StatusCode);

    [Fact]
    public async Task List_DeadLetters_ShowsThemInOrderAndLeavesThem()
    {
        await DieAsync("user.alice.one", "user.bob.two", "user.alice.three");

        for (var time = 0; time < 2; time++)
        {
            var (waiting, letters) = await ListAsync("");
            Assert.Equal(3, waiting);
            Assert.Equal(["user.alice.one", "user.bob.two", "user.alice.three"], letters.Select(letter => letter.GetProperty("routingKey").GetString()));
            var first = letters[0];
            Assert.Equal(
                ("too-large", "notifications", 2 * MaxBytes),
                (first.GetProperty("reason").GetString(), first.GetProperty("exchange").GetString(), first.GetProperty("bytes").GetInt32())
            );
            Assert.StartsWith("xxx", first.GetProperty("text").GetString());
            Assert.InRange(first.GetProperty("since").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        }
        Assert.Single((await ListAsync("?limit=1")).Letters);
        Assert.Empty((await ListAsync("?reason=rejected")).Letters);
        var third = Assert.Single((await ListAsync("?routingKey=user.alice.three&reason=too-large&exchange=notifications")).Letters);
        Assert.Single((await ListAsync($"?id={third.GetProperty("id").GetString()}")).Letters);
    }

    [Fact]
    public async Task Redrive_ById_SendsTheOneBackToWhereItWasPublished()
    {
        await DieAsync("user.alice.one", "user.bob.two", "user.alice.three");
        var queue = (await _publisher.Channel.QueueDeclareAsync()).QueueName;
        await _publisher.Channel.QueueBindAsync(queue, "notifications", "#");
        var second = (await ListAsync("")).Letters[1].GetProperty("id").GetString();

        var (status, answer) = await RedriveAsync(new { ids = new[] { second } });

        Assert.Equal((HttpStatusCode.OK, 1), (status, answer.GetProperty("redriven").GetInt32()));
        var back = await _publisher.Channel.BasicGetAsync(queue, autoAck: true);
        Assert.Equal("user.bob.two", back!.RoutingKey);
        Assert.Equal("kept", System.Text.Encoding.UTF8.GetString((byte[])back.BasicProperties.Headers!["mine"]!));
        Assert.DoesNotContain(back.BasicProperties.Headers.Keys, header => header.StartsWith("x-dead-letter", StringComparison.Ordinal));
        Assert.Null(await _publisher.Channel.BasicGetAsync(queue, autoAck: true));
        // It is still too large: so it comes again, behind the others.
        await Wait.Until(async () => (await ListAsync("")).Waiting == 3, "the message to be a dead letter again");
        Assert.Equal(
            ["user.alice.one", "user.alice.three", "user.bob.two"],
            (await ListAsync("")).Letters.Select(letter => letter.GetProperty("routingKey").GetString())
        );
    }

    [Fact]
    public async Task Redrive_All_EndsThoughTheyComeBack()
    {
        await DieAsync("user.alice.one", "user.bob.two");

        var (status, answer) = await RedriveAsync(new { });

        Assert.Equal((HttpStatusCode.OK, 2), (status, answer.GetProperty("redriven").GetInt32()));
        await Wait.Until(async () => (await ListAsync("")).Waiting == 2, "both to be dead letters again");
    }

    [Fact]
    public async Task Redrive_ExchangeIsGone_KeepsTheDeadLetter()
    {
        await _publisher.Channel.ExchangeDeclareAsync("former", ExchangeType.Topic);
        await _publisher.Channel.ExchangeBindAsync("notifyorleans.ingress", "former", "#");
        await _publisher.PublishAsync("user.alice", "x", "former");
        await Wait.Until(async () => (await ListAsync("")).Waiting == 1, "the dead letter");
        await _publisher.Channel.ExchangeUnbindAsync("notifyorleans.ingress", "former", "#");

        var (unbound, answer) = await RedriveAsync(new { });
        Assert.Equal(HttpStatusCode.BadGateway, unbound);
        Assert.Contains("no queue takes", answer.GetProperty("detail").GetString());

        await _publisher.Channel.ExchangeDeleteAsync("former");
        var (gone, _) = await RedriveAsync(new { });
        Assert.Equal(HttpStatusCode.BadGateway, gone);
        Assert.Equal(1, (await ListAsync("")).Waiting);
    }

    /// <summary>Its key says topic: without the header it would go to whoever has subscribed to that, and be gone.</summary>
    [Fact]
    public async Task Redrive_OfOneWhoseRecipientsAreLost_LeavesItAndSendsTheOthers()
    {
        // There is room for it in a frame, and none for what a dead letter says of itself.
        var recipients = string.Join(',', Enumerable.Range(0, 1 << 17).Select(i => $"{i:D7}"));
        await _publisher.PublishAsync("people.news", "x", headers: new Dictionary<string, object?> { ["x-recipients"] = recipients[..^150] });
        await Wait.Until(async () => (await ListAsync("")).Waiting == 1, "the message whose recipients fill a frame to be a dead letter");
        await _publisher.PublishAsync("user.alice.one", new string('x', 2 * MaxBytes));
        await Wait.Until(async () => (await ListAsync("")).Waiting == 2, "the other one");
        Assert.Equal([true, false], (await ListAsync("")).Letters.Select(letter => letter.GetProperty("reduced").GetBoolean()));
        var queue = (await _publisher.Channel.QueueDeclareAsync()).QueueName;
        await _publisher.Channel.QueueBindAsync(queue, "notifications", "#");

        var (status, answer) = await RedriveAsync(new { });

        Assert.Equal((HttpStatusCode.OK, 1, 1), (status, answer.GetProperty("redriven").GetInt32(), answer.GetProperty("reduced").GetInt32()));
        Assert.Equal("user.alice.one", (await _publisher.Channel.BasicGetAsync(queue, autoAck: true))!.RoutingKey);
        Assert.Null(await _publisher.Channel.BasicGetAsync(queue, autoAck: true));
        Assert.Equal("people.news", (await ListAsync("")).Letters[0].GetProperty("routingKey").GetString());
    }

    private void SignIn(TestToken token) => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Text);

    /// <summary>Publishes what is too large, and waits until it is dead.</summary>
    private async Task DieAsync(params string[] keys)
    {
        foreach (var key in keys)
        {
            await _publisher.PublishAsync(key, new string('x', 2 * MaxBytes), headers: new Dictionary<string, object?> { ["mine"] = "kept" });
            // One after the other: keys of different partitions have no order.
            var count = Array.IndexOf(keys, key) + 1;
            await Wait.Until(async () => (await ListAsync("")).Waiting == count, $"{key} to be a dead letter");
        }
    }

    private async Task<(long Waiting, JsonElement[] Letters)> ListAsync(string query)
    {
        var page = await _http.GetFromJsonAsync<JsonElement>($"admin/dead-letters{query}");
        return (page.GetProperty("waiting").GetInt64(), [.. page.GetProperty("deadLetters").EnumerateArray()]);
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> RedriveAsync(object request)
    {
        var answer = await _http.PostAsJsonAsync("admin/dead-letters/redrive", request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(text) : default);
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NotifyOrleans.Silo.Tests.Authority;

public sealed class EndpointTests(AuthorityFixture fixture) : IClassFixture<AuthorityFixture>
{
    private static readonly string Token = new TestToken("alice").Text;

    // As RabbitMQ 3.10 sends them, in its order; all are allowed.
    private static readonly Dictionary<string, (string Name, string Value)[]> Questions = new()
    {
        ["user"] = [("username", "alice"), ("password", Token)],
        ["vhost"] = [("username", "alice"), ("vhost", "/"), ("ip", "127.0.0.1"), ("tags", "")],
        ["resource"] = [("username", "alice"), ("vhost", "/"), ("resource", "exchange"), ("name", "notifications"), ("permission", "read"), ("tags", "")],
        ["topic"] =
        [
            ("username", "alice"),
            ("vhost", "/"),
            ("resource", "topic"),
            ("name", "notifications"),
            ("permission", "read"),
            ("tags", ""),
            ("routing_key", "user.alice.#"),
            ("variable_map.username", "alice"),
            ("variable_map.vhost", "/"),
        ],
    };

    public static TheoryData<string> Paths => [.. Questions.Keys];

    /// <summary>Each parameter of each question, and whether the question can be answered without it.</summary>
    public static TheoryData<string, string, bool> Parameters
    {
        get
        {
            string[] optional = ["ip", "tags", "variable_map.username", "variable_map.vhost"];
            var rows = new TheoryData<string, string, bool>();
            foreach (var (path, parameters) in Questions)
            {
                foreach (var (name, _) in parameters)
                    rows.Add(path, name, optional.Contains(name));
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Answer_Allowed_IsTheBareWord(string path)
    {
        foreach (var reply in await SendAsync(path, Questions[path]))
        {
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            Assert.Equal("allow"u8.ToArray(), await reply.Content.ReadAsByteArrayAsync());
            Assert.Equal("text/plain", reply.Content.Headers.ContentType!.MediaType);
            Assert.Equal(5, reply.Content.Headers.ContentLength);
        }
    }

    [Fact]
    public async Task Answer_ToAUserWithRoles_IsTheWordAndTheTags() =>
        await AssertAnswerAsync("allow service", "user", [("username", "billing"), ("password", new TestToken("billing", "service").Text)]);

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Parameter_Missing_DeniesWhereItIsNeeded(string path, string name, bool optional) =>
        await AssertAnswerAsync(optional ? "allow" : "deny", path, [.. Questions[path].Where(parameter => parameter.Name != name)]);

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Parameter_Repeated_DeniesWhereItIsKnown(string path, string name, bool _)
    {
        // What the map repeats of username and vhost is not read.
        var known = !name.StartsWith("variable_map", StringComparison.Ordinal);
        await AssertAnswerAsync(known ? "deny" : "allow", path, [.. Questions[path], Questions[path].Single(parameter => parameter.Name == name)]);
        await AssertAnswerAsync(known ? "deny" : "allow", path, [(name.ToUpperInvariant(), "x"), .. Questions[path]]);
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Parameter_Of64Kilobytes_IsAnswered(string path, string name, bool optional)
    {
        foreach (var filler in (string[])["x", "#", "é", "user.alice."])
        {
            var huge = string.Concat(Enumerable.Repeat(filler, 65536 / Encoding.UTF8.GetByteCount(filler)));
            await AssertAnswerAsync(optional ? "allow" : "deny", path, Changed(path, name, huge));
        }
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Parameter_Empty_DeniesWhereItIsNeeded(string path, string name, bool optional) =>
        await AssertAnswerAsync(optional ? "allow" : "deny", path, Changed(path, name, ""));

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Parameter_Unknown_IsIgnored(string path) =>
        await AssertAnswerAsync("allow", path, [("client_id", "mqtt"), .. Questions[path], ("variable_map.client_id", "x"), ("client_id", "again"), ("", "")]);

    [Theory]
    [InlineData("resource", "resource", "topic")]
    [InlineData("resource", "resource", "vhost")]
    [InlineData("resource", "resource", "Exchange")]
    [InlineData("resource", "permission", "READ")]
    [InlineData("resource", "permission", "2")]
    [InlineData("resource", "permission", "read,read")]
    [InlineData("topic", "resource", "exchange")]
    [InlineData("topic", "permission", "configure")]
    [InlineData("topic", "username", "alice\r\n")]
    [InlineData("topic", "username", "alice\0")]
    [InlineData("vhost", "vhost", "//")]
    [InlineData("vhost", "vhost", "%2F")]
    public async Task Parameter_OfAnotherForm_Denies(string path, string name, string value) =>
        await AssertAnswerAsync("deny", path, Changed(path, name, value));

    [Theory]
    [InlineData(255, "allow")]
    [InlineData(256, "deny")]
    public async Task RoutingKey_AtTheLimit_CountsBytes(int bytes, string answer)
    {
        var key = "user.alice.ä".PadRight(bytes - 1, 'x');
        Assert.Equal(bytes, Encoding.UTF8.GetByteCount(key));
        await AssertAnswerAsync(answer, "topic", Changed("topic", "routing_key", key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData("%zz=%ff&&&=&=")]
    [InlineData("username=alice&password=%00")]
    [InlineData("username=%ff%fe&password=x")]
    [InlineData("username[]=alice&password[0]=x")]
    [InlineData("username=alice;password=x")]
    [InlineData("{\"username\":\"alice\"}")]
    public async Task Query_Garbage_Denies(string query)
    {
        foreach (var path in Questions.Keys)
        {
            Assert.Equal("deny", await fixture.Http.GetStringAsync($"auth/{path}?{query}"));
            using var form = Form(query);
            using var reply = await fixture.Http.PostAsync($"auth/{path}", form);
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            Assert.Equal("deny", await reply.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Form_OfAnotherTypeOrTooLarge_Denies()
    {
        var (username, password) = (new StringContent("alice"), new StringContent(Token));
        using var multipart = new MultipartFormDataContent { { username, "username" }, { password, "password" } };
        using var json = new StringContent($$"""{"username":"alice","password":"{{Token}}"}""", Encoding.UTF8, "application/json");
        using var untyped = new ByteArrayContent(Encoding.ASCII.GetBytes($"username=alice&password={Token}"));
        using var large = Form($"username=alice&password={Token}&x={new string('x', 300_000)}");
        using var many = Form($"username=alice&password={Token}{string.Concat(Enumerable.Range(0, 100).Select(i => $"&p{i}=x"))}");
        foreach (var content in (HttpContent[])[multipart, json, untyped, large, many])
        {
            using var reply = await fixture.Http.PostAsync("auth/user", content);
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            Assert.Equal("deny", await reply.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Query_OfAPost_IsNotRead()
    {
        using var form = new FormUrlEncodedContent([]);
        using var reply = await fixture.Http.PostAsync($"auth/user?username=alice&password={Token}", form);
        Assert.Equal("deny", await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Request_LongerThanAnyQuestion_IsCutOff()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, fixture.Silo.Address.Port);
        await using var stream = client.GetStream();
        var send = stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /auth/user?username=alice&password={new string('x', 400_000)}")).AsTask();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HTTP/1.1 414 URI Too Long", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        await send.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static StringContent Form(string text) => new(text, Encoding.ASCII, "application/x-www-form-urlencoded");

    private static (string Name, string Value)[] Changed(string path, string name, string value) =>
        [.. Questions[path].Select(parameter => parameter.Name == name ? (name, value) : parameter)];

    private async Task AssertAnswerAsync(string answer, string path, (string Name, string Value)[] parameters)
    {
        foreach (var reply in await SendAsync(path, parameters))
        {
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            Assert.Equal(answer, await reply.Content.ReadAsStringAsync());
        }
    }

    /// <summary>By GET and by POST.</summary>
    private async Task<HttpResponseMessage[]> SendAsync(string path, (string Name, string Value)[] parameters)
    {
        // As the broker encodes them: a blank is a plus sign.
        var text = string.Join('&', parameters.Select(parameter => $"{parameter.Name}={WebUtility.UrlEncode(parameter.Value)}"));
        using var form = Form(text);
        return [await fixture.Http.GetAsync($"auth/{path}?{text}"), await fixture.Http.PostAsync($"auth/{path}", form)];
    }
}

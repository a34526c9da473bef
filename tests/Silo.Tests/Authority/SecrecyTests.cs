using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>No token gets into logs, traces or metrics, whatever levels are configured and however a request is broken.</summary>
public class SecrecyTests
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Token_InAnyRequest_IsNeitherLoggedNorTracedNorCounted(string environment)
    {
        using var log = new CapturedLog();
        var traces = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traces.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(listener);
        var metrics = new ConcurrentQueue<string>();
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => metrics.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => metrics.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        meters.Start();
        var settings = TestIssuers.Settings;
        settings["Logging:LogLevel:Default"] = "Trace";
        settings["Logging:Captured:LogLevel:Default"] = "Trace";
        settings["Logging:Captured:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace";
        await using var silo = await AuthoritySilo.StartAsync(settings, environment, log);

        // Any of these pieces would be enough to find a token again.
        var good = new TestToken("alice").Text;
        var expired = (new TestToken("alice") { Lifetime = TimeSpan.FromHours(-1) }).Text;
        var broken = "Zm9vYmFyYmF6.c2VjcmV0c2VjcmV0.Zm9vYmFy";
        var password = "correct-horse-battery-staple";
        string[] secrets = [good, expired, broken, password];
        foreach (var secret in secrets)
        {
            await silo.Http.GetStringAsync($"auth/user?username=alice&password={secret}");
            await silo.Http.GetStringAsync($"auth/user?username=alice&username=alice&password={secret}");
            using var form = new FormUrlEncodedContent([new("username", "alice"), new("password", secret)]);
            using var posted = await silo.Http.PostAsync("auth/user", form);
            using var multipart = new MultipartFormDataContent { { new StringContent(secret), "password" } };
            using var postedAgain = await silo.Http.PostAsync("auth/user", multipart);
            using var missing = await silo.Http.GetAsync($"auth/nothing?password={secret}");
            using var wrongMethod = await silo.Http.DeleteAsync($"auth/user?password={secret}");
            await silo.Grain.SignInAsync(new UserQuestion("alice", secret, "/", LoginOptional: true));
            await SendRawAsync(silo, $"GET auth/user?password={secret} HTTP/1.1\r\n\r\n");
            await SendRawAsync(silo, $"GET /auth/user?password={secret} HTTP/9.9\r\n\r\n");
            const string Head = "POST /auth/user HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999\r\n\r\n";
            await SendRawAsync(silo, $"{Head}password={secret}");
        }
        Assert.NotEmpty(traces);
        Assert.Contains(metrics, metric => metric.Contains("refused_tokens", StringComparison.Ordinal));
        Assert.Contains("A token was refused: expired", log.Text, StringComparison.Ordinal);
        foreach (var piece in secrets.SelectMany(secret => secret.Split('.').Append(secret)).Where(piece => piece.Length >= 8))
        {
            Assert.DoesNotContain(piece[..8], log.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(piece[..8], string.Join('\n', traces), StringComparison.Ordinal);
            Assert.DoesNotContain(piece[..8], string.Join('\n', metrics), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Token_OfTheDevelopmentIssuer_IsNotLogged()
    {
        using var log = new CapturedLog();
        var settings = new Dictionary<string, string?>
        {
            ["Authority:Development:SigningKey"] = "a development key of 36 characters !",
            ["Logging:LogLevel:Default"] = "Trace",
        };
        await using var silo = await AuthoritySilo.StartAsync(settings, "Development", log);
        var token = await silo.Grain.IssueDevelopmentTokenAsync("alice", ["service"]);
        Assert.DoesNotContain(token!.Split('.')[1], log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("a development key", log.Text, StringComparison.Ordinal);
        Assert.Contains("The development issuer is on", log.Text, StringComparison.Ordinal);
    }

    private static async Task SendRawAsync(AuthoritySilo silo, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, silo.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        client.Client.Shutdown(SocketShutdown.Send);
        try
        {
            await stream.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (IOException)
        {
            // Cut off: so the server ends some of them.
        }
    }
}

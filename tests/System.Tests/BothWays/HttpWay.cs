namespace NotifyOrleans.System.Tests.BothWays;

/// <summary>Asks the authority what the broker would, by HTTP.</summary>
internal sealed class HttpWay(HttpClient http, AccessClient client)
{
    private string User => $"username={Uri.EscapeDataString(client.User)}&vhost=%2F";

    /// <summary>Whether all answers are yes, from the sign-in on.</summary>
    public async Task<bool> TryAsync(AccessRow row)
    {
        var answer = await http.GetStringAsync($"auth/user?{User}&password={Uri.EscapeDataString(client.Passcode)}");
        return answer.Split(' ') is ["allow", .. var tags] && await IsAllowedAsync(row, tags);
    }

    /// <summary>Whether all answers but that of the sign-in are yes, as on a connection that is open.</summary>
    public async Task<bool> IsAllowedAsync(AccessRow row, string[] tags)
    {
        var signedIn = $"{User}&tags={Uri.EscapeDataString(string.Join(' ', tags))}";
        var answers = await Task.WhenAll(row.Questions.Prepend("vhost?ip=127.0.0.1").Select(question => http.GetStringAsync($"auth/{question}&{signedIn}")));
        Assert.All(answers, each => Assert.True(each is "allow" or "deny", each));
        return Array.TrueForAll(answers, each => each == "allow");
    }
}

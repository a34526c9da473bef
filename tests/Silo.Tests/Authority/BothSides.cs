using System.Net;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>Asks as the broker does, by GET and by POST, and as an edge does, by the grain; fails when the answers differ.</summary>
internal sealed class BothSides(HttpClient http, IAuthorityGrain grain)
{
    /// <summary><c>allow</c>, with tags, or <c>deny</c>.</summary>
    public async Task<string> AuthenticateAsync(string username, string password)
    {
        var answer = await AskAsync("user", ("username", username), ("password", password));
        var ofGrain = await grain.SignInAsync(new UserQuestion(username, password, null, LoginOptional: false));
        Assert.Equal(ofGrain.Allowed ? string.Join(' ', ["allow", .. ofGrain.Tags]) : "deny", answer);
        Assert.Equal(ofGrain.Allowed ? username : "", ofGrain.User);
        return answer;
    }

    public async Task<bool> AuthorizeAsync(VhostQuestion question)
    {
        var answer = await AskAsync(
            "vhost",
            ("username", question.Username),
            ("vhost", question.Vhost),
            ("ip", question.Ip ?? ""),
            ("tags", string.Join(' ', question.Tags))
        );
        return Same(answer, await grain.AuthorizeAsync(question));
    }

    public async Task<bool> AuthorizeAsync(ResourceQuestion question)
    {
        var answer = await AskAsync(
            "resource",
            ("username", question.Username),
            ("vhost", question.Vhost),
            ("resource", Lower(question.Resource)),
            ("name", question.Name),
            ("permission", Lower(question.Permission)),
            ("tags", string.Join(' ', question.Tags))
        );
        return Same(answer, await grain.AuthorizeAsync(question));
    }

    public async Task<bool> AuthorizeAsync(TopicQuestion question)
    {
        var answer = await AskAsync(
            "topic",
            ("username", question.Username),
            ("vhost", question.Vhost),
            ("resource", "topic"),
            ("name", question.Exchange),
            ("permission", Lower(question.Permission)),
            ("tags", string.Join(' ', question.Tags)),
            ("routing_key", question.RoutingKey),
            ("variable_map.username", question.Username),
            ("variable_map.vhost", question.Vhost)
        );
        var ofGrain = await grain.AuthorizeAsync(question);
        // An edge is told both at once.
        Assert.Equal(
            await AuthorizeAsync(
                new ResourceQuestion(
                    question.Username,
                    question.Vhost,
                    ResourceKind.Exchange,
                    question.Exchange,
                    question.Permission,
                    question.Tags,
                    question.TokenId
                )
            ),
            ofGrain.Exchange
        );
        return Same(answer, ofGrain.Key);
    }

    /// <summary>The body of the answer.</summary>
    private async Task<string> AskAsync(string path, params (string Name, string Value)[] parameters)
    {
        var pairs = parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)).ToArray();
        // By GET the broker writes the parameters as a form does.
        using var form = new FormUrlEncodedContent(pairs);
        using var byGet = await http.GetAsync($"auth/{path}?{await form.ReadAsStringAsync()}");
        using var byPost = await http.PostAsync($"auth/{path}", form);
        Assert.Equal(HttpStatusCode.OK, byGet.StatusCode);
        Assert.Equal(HttpStatusCode.OK, byPost.StatusCode);
        var answer = await byGet.Content.ReadAsStringAsync();
        Assert.Equal(answer, await byPost.Content.ReadAsStringAsync());
        return answer;
    }

    private static bool Same(string answer, bool ofGrain)
    {
        Assert.Equal(ofGrain ? "allow" : "deny", answer);
        return ofGrain;
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

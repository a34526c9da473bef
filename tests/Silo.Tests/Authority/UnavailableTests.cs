using System.Net;
using Microsoft.Extensions.DependencyInjection;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>An authority that cannot tell. What it cannot tell is no refusal: a client would throw a good token away.</summary>
public class UnavailableTests
{
    [Fact]
    public async Task Question_WhatIsRevokedCannotBeRead_BrokerIsRefused_EdgesAndAdminsAreTold()
    {
        using var folder = new TemporaryFolder();
        // A file where the store's folder would be.
        await File.WriteAllTextAsync(folder.File("outbox"), "");
        await using var silo = await AuthoritySilo.StartAsync(TestIssuers.Settings, folder: folder);
        var token = new TestToken("alice").Text;

        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "alice", ["password"] = token });
        var asked = silo.Http.PostAsync("auth/user", form);
        var user = silo.Grain.SignInAsync(new UserQuestion("alice", token, null, LoginOptional: false));
        var topic = silo.Grain.AuthorizeAsync(new TopicQuestion("alice", "/", "notifications", Permission.Read, "user.alice.#", []));
        var queue = silo.Grain.AuthorizeAsync(new ResourceQuestion("alice", "/", ResourceKind.Queue, "q", Permission.Read, []));
        var vhost = silo.Grain.AuthorizeAsync(new VhostQuestion("alice", "/", null, []));

        using var admin = await silo.RevokeAsync(new { user = "alice" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, admin.StatusCode);
        using var answer = await asked;
        Assert.Equal("deny", await answer.Content.ReadAsStringAsync());
        await Assert.ThrowsAsync<AuthorityUnavailableException>(() => user);
        foreach (var decision in (Task[])[topic, queue, vhost])
            await Assert.ThrowsAsync<AuthorityUnavailableException>(() => decision);
    }

    [Fact]
    public async Task Question_WhatATokenSaysCannotBeRead_EdgeIsToldWhereThatMatters_BrokerIsAnsweredWithoutIt()
    {
        var settings = TestIssuers.Settings;
        AddRule(settings, 0, "log", ("Scope", "log.read"));
        AddRule(settings, 1, "jobs");
        AddRule(settings, 2, "jobs", ("Claim", "team=guests"), ("Effect", "Deny"));
        await using var silo = await AuthoritySilo.StartAsync(settings, services: services => services.AddSingleton<IAuthorityStore, UnreadableTokens>());
        var sides = new BothSides(silo.Http, silo.Grain);

        // A session that has signed in at another silo.
        await Assert.ThrowsAsync<AuthorityUnavailableException>(() => AskAsync("log", "a-1"));
        var own = await silo.Grain.AuthorizeAsync(new TopicQuestion("alice", "/", "notifications", Permission.Read, "user.alice.#", [], "a-1"));
        Assert.Equal((true, true), (own.Exchange, own.Key));
        // The broker closes what it is refused.
        Assert.False(await sides.AuthorizeAsync(Read("log", null)));
        Assert.True(await sides.AuthorizeAsync(Read("jobs", null)));
        await Assert.ThrowsAsync<AuthorityUnavailableException>(() => AskAsync("jobs", "a-1"));

        // Once it was shown here, it is known what it says.
        await silo.Grain.SignInAsync(
            new UserQuestion("alice", new TestToken("alice").With("jti", "a-1").With("scope", "log.read").Text, "/", LoginOptional: false)
        );
        Assert.True(await AskAsync("log", "a-1"));
        Assert.True(await AskAsync("jobs", "a-1"));
        Assert.False(await AskAsync("other", "a-1"));

        Task<bool> AskAsync(string queue, string token) => silo.Grain.AuthorizeAsync(Read(queue, token));
    }

    private static ResourceQuestion Read(string queue, string? token) => new("alice", "/", ResourceKind.Queue, queue, Permission.Read, [], token);

    private static void AddRule(Dictionary<string, string?> settings, int number, string queue, params (string Field, string Value)[] fields)
    {
        foreach (var (field, value) in fields.Concat([("Resource", "queue"), ("Name", queue), ("Permissions", "read")]))
            settings[$"Authority:Rules:{number}:{field}"] = value;
    }
}

using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>An authority that cannot tell. What it cannot tell is no refusal: a client would throw a good token away.</summary>
public class UnavailableTests
{
    [Fact]
    public async Task Question_WhatIsRevokedCannotBeRead_BrokerIsRefused_EdgeIsTold()
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

        using var answer = await asked;
        Assert.Equal("deny", await answer.Content.ReadAsStringAsync());
        await Assert.ThrowsAsync<AuthorityUnavailableException>(() => user);
        foreach (var decision in (Task[])[topic, queue, vhost])
            await Assert.ThrowsAsync<AuthorityUnavailableException>(() => decision);
    }
}

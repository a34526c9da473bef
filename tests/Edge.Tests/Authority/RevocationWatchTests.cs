using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Stomp;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Authority;

/// <summary>What an edge keeps of revocations, and what it forgets.</summary>
public sealed class RevocationWatchTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    private Uri Address => fixture.Edge.StompAddress;

    [Fact]
    public async Task Revocation_ThatSilosHaveForgotten_IsForgotten_AndDoesNotComeBackWithTheNext()
    {
        var now = DateTimeOffset.UtcNow;
        await RevokeAsync("forgotten", now.AddHours(-3));
        await RevokeAsync("kept", now);
        Assert.False(await StaysAsync("forgotten"));

        fixture.Silo.ForgottenBefore = now.AddHours(-2);

        await Wait.Until(() => StaysAsync("forgotten"), "the revocation to be forgotten");
        Assert.False(await StaysAsync("kept"));
        // One that began anew would hear of all again.
        await RevokeAsync("next", now);
        Assert.True(await StaysAsync("forgotten"));
        Assert.False(await StaysAsync("kept"));
    }

    /// <summary>Returns when the edge knows of it.</summary>
    private async Task RevokeAsync(string user, DateTimeOffset at)
    {
        await using var client = await WireClient.ConnectAsync(Address, user);
        fixture.Silo.Revocations.Enqueue(new Revocation(fixture.Silo.Revocations.Count + 1, user, null, at) { RevokedAt = at });
        await client.ErrorAsync("Credential revoked");
    }

    /// <summary>Whether a session of the user is not ended at once.</summary>
    private async Task<bool> StaysAsync(string user)
    {
        await using var client = await WireClient.OpenAsync(Address);
        await client.SendAsync($"CONNECT\naccept-version:1.2\nlogin:{user}\npasscode:token-{user}\n\n\0DISCONNECT\nreceipt:r\n\n\0");
        await client.FrameAsync(StompCommands.Connected);
        return (await client.NextAsync("receipt or error")).Frame!.Command == StompCommands.Receipt;
    }
}

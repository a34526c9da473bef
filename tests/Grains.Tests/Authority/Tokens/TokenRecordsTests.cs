using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Authority.Revocations;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Grains.Tests.Authority.Tokens;

/// <summary>What of the tokens that were shown is written when a silo stops. The store is the product's, in a folder of the test.</summary>
public sealed class TokenRecordsTests
{
    [Fact]
    public async Task Stop_WhileAWriteIsUnderWay_WritesWhatWasInIt()
    {
        using var folder = new TemporaryFolder();
        using var database = new RocksDbAuthorityStore(Options.Create(new OutboxOptions { Path = folder.File("outbox") }));
        var store = new SlowTokenWrites(database);
        using var records = new TokenRecords(store, TimeProvider.System, NullLogger<TokenRecords>.Instance);
        await records.StartAsync(CancellationToken.None);
        var tokens = UserTokens.None.With(new KnownToken("one", IssuedAt: null, DateTimeOffset.UtcNow.AddHours(1), [], []), DateTimeOffset.UtcNow);
        records.Write("alice", tokens);
        await Wait.Until(() => store.Writes == 1, "the write to begin");

        await records.StopAsync(CancellationToken.None);

        Assert.Equal(["one"], (await database.ReadTokensAsync("alice", CancellationToken.None))?.Tokens.Select(token => token.Id) ?? []);
    }
}

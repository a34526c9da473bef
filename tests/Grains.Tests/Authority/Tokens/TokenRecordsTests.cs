using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Authority.Revocations;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Grains.Tests.Authority.Tokens;

/// <summary>What of the tokens that were shown is written, and when. The store is the product's, in a folder of the test.</summary>
public sealed class TokenRecordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RocksDbAuthorityStore _database;

    public TokenRecordsTests() => _database = new RocksDbAuthorityStore(Options.Create(new OutboxOptions { Path = _folder.File("outbox") }));

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Stop_WhileAWriteIsUnderWay_WritesWhatWasInIt()
    {
        var store = new InterruptedTokenWrites(_database, stopping => Task.Delay(Timeout.Infinite, stopping));
        using var records = await ShowAsync(store);
        await Wait.Until(() => store.Writes == 1, "the write to begin");

        await records.StopAsync(CancellationToken.None);

        Assert.Equal(["one"], await WrittenAsync());
    }

    [Fact]
    public async Task Write_FailsAsNobodyExpected_IsTriedAgain()
    {
        using var records = await ShowAsync(new InterruptedTokenWrites(_database, _ => throw new InvalidOperationException("as the test wants it")));

        await Wait.Until(() => records.AreWritten, "the next write");

        Assert.Equal(["one"], await WrittenAsync());
        await records.StopAsync(CancellationToken.None);
    }

    private static async Task<TokenRecords> ShowAsync(InterruptedTokenWrites store)
    {
        var records = new TokenRecords(store, TimeProvider.System, NullLogger<TokenRecords>.Instance);
        records.Write("alice", UserTokens.None.With(new KnownToken("one", IssuedAt: null, DateTimeOffset.UtcNow.AddHours(1), [], []), DateTimeOffset.UtcNow));
        await records.StartAsync(CancellationToken.None);
        return records;
    }

    private async Task<IEnumerable<string>> WrittenAsync() =>
        (await _database.ReadTokensAsync("alice", CancellationToken.None))?.Tokens.Select(token => token.Id) ?? [];
}

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using NotifyOrleans.Silo.Authority.Tokens;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

/// <summary>When the keys of an issuer are fetched again, and who waits for it.</summary>
public sealed class IssuerKeysTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new();
    private IssuerServer _issuer = null!;
    private IssuerKeys _keys = null!;

    public async Task InitializeAsync()
    {
        _issuer = await IssuerServer.StartAsync(IssuerServer.NewKey("former"));
        _keys = new IssuerKeys(_issuer.MetadataAddress, _time, NullLogger.Instance);
        Assert.Equal("former", NameOf(await GetAsync()));
        _issuer.Keys = [IssuerServer.NewKey("next")];
    }

    public async Task DisposeAsync() => await _issuer.DisposeAsync();

    [Fact]
    public async Task Keys_OlderThanAnHour_AreFetchedAgain_BeforeAnyTokenIsJudged()
    {
        _time.Advance(Hour);
        Assert.Equal("former", NameOf(await GetAsync()));

        _time.Advance(TimeSpan.FromSeconds(1));
        var first = GetAsync();
        var other = GetAsync();

        Assert.Equal("next", NameOf(await first));
        Assert.Equal("next", NameOf(await other));
        Assert.Equal(2, _issuer.Fetched);
    }

    [Fact]
    public async Task Issuer_ThatDoesNotAnswer_HoldsUpTheFirstTokensAlone()
    {
        var answering = new TaskCompletionSource();
        _issuer.Publishing = answering.Task;
        _time.Advance(2 * Hour);
        var first = GetAsync();
        await Wait.Until(() => _issuer.Fetched == 2, "the keys to be asked for again");
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("former", NameOf(await first));

        // They are asked for again and again, and nobody waits for that.
        for (var attempt = 3; attempt <= 6; attempt++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Wait.Until(
                async () =>
                {
                    var later = GetAsync();
                    Assert.True(later.IsCompleted);
                    Assert.Equal("former", NameOf(await later));
                    return _issuer.Fetched == attempt;
                },
                "the keys to be asked for again"
            );
        }

        answering.SetResult();
        await Wait.Until(async () => NameOf(await GetAsync()) == "next", "the keys to be there");
    }

    [Fact]
    public async Task Issuer_ThatWasAwayAMinuteAgo_IsWaitedForAgain()
    {
        _issuer.Fault = Results.StatusCode(500);
        _time.Advance(2 * Hour);
        Assert.Equal("former", NameOf(await GetAsync()));

        _issuer.Fault = null;
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("next", NameOf(await GetAsync()));
    }

    private Task<BaseConfiguration> GetAsync() => _keys.GetBaseConfigurationAsync(CancellationToken.None);

    private static string NameOf(BaseConfiguration keys) => Assert.Single(keys.SigningKeys).KeyId;
}

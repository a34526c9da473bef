using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Cluster;

/// <summary>Calls that are made until a silo answers, by a clock of the test's own.</summary>
public sealed class SiloCallsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<Exception> _failures = [];
    private int _calls;

    [Fact]
    public async Task Call_ThatFails_IsMadeAgainAfterAPause_WhateverTheReason()
    {
        Exception[] reasons = [new TimeoutException(), new OperationCanceledException()];
        var answer = SiloCalls.UntilAnsweredAsync(
            () => _calls++ < reasons.Length ? Task.FromException<int>(reasons[_calls - 1]) : Task.FromResult(42),
            _failures.Add,
            _time,
            CancellationToken.None
        );
        Assert.Equal(1, _calls);
        await Wait.Until(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return answer.IsCompleted;
            },
            "the answer"
        );

        Assert.Equal(42, await answer);
        Assert.Equal(reasons, _failures);
        Assert.Equal(3, _calls);
    }

    [Fact]
    public async Task Call_ThatNobodyAnswers_IsGivenUpWithItsCaller()
    {
        using var patience = new CancellationTokenSource();
        var answer = SiloCalls.UntilAnsweredAsync(() => new TaskCompletionSource<int>().Task, _failures.Add, _time, patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Empty(_failures);
    }
}

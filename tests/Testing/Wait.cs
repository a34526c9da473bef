using System.Diagnostics;
using Xunit;

namespace NotifyOrleans.Testing;

/// <summary>Waiting for a condition, in place of waiting for a time. A condition that does not come fails the test and says which one.</summary>
public static class Wait
{
    /// <summary>How long a condition may take when the test does not say: far above what any should need, on a machine that is busy.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static Task Until(Func<bool> condition, string what, TimeSpan? timeout = null) => Until(() => Task.FromResult(condition()), () => what, timeout);

    public static Task Until(Func<Task<bool>> condition, string what, TimeSpan? timeout = null) => Until(condition, () => what, timeout);

    /// <param name="condition">What is waited for.</param>
    /// <param name="what">Names it, with the state as it is when time is up.</param>
    /// <param name="timeout"><see cref="DefaultTimeout"/> when null.</param>
    public static Task Until(Func<bool> condition, Func<string> what, TimeSpan? timeout = null) => Until(() => Task.FromResult(condition()), what, timeout);

    /// <inheritdoc cref="Until(Func{bool}, Func{string}, TimeSpan?)"/>
    public static async Task Until(Func<Task<bool>> condition, Func<string> what, TimeSpan? timeout = null)
    {
        var limit = timeout ?? DefaultTimeout;
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
                Assert.Fail($"Waited {limit.TotalSeconds:0.#} s in vain for: {what()}");
            await Task.Delay(Interval);
        }
    }
}

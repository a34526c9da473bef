namespace NotifyOrleans.Edge.Cluster;

/// <summary>Calls to silos that are made again, with a pause between, until they are answered.</summary>
internal static class SiloCalls
{
    /// <summary>Short beside the seconds in which a silo that was lost is replaced, and thousands of callers at once are not too much for one that comes.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Makes a call, as often as it takes.</summary>
    /// <param name="call">The call.</param>
    /// <param name="onFailed">Hears why one has failed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the attempt; the call was made once by then.</param>
    /// <exception cref="OperationCanceledException">Nobody has answered by then.</exception>
    public static async Task<TAnswer> UntilAnsweredAsync<TAnswer>(
        Func<Task<TAnswer>> call,
        Action<Exception> onFailed,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            try
            {
                return await call().WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                onFailed(exception);
                await Task.Delay(RetryInterval, time, cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="UntilAnsweredAsync{TAnswer}"/>
    public static Task UntilAnsweredAsync(Func<Task> call, Action<Exception> onFailed, TimeProvider time, CancellationToken cancellationToken) =>
        UntilAnsweredAsync(
            async () =>
            {
                await call();
                return true;
            },
            onFailed,
            time,
            cancellationToken
        );
}

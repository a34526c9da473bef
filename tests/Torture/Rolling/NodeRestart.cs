namespace NotifyOrleans.Torture.Rolling;

/// <summary>One node was ended and started again. Times are since the start of the run.</summary>
/// <param name="Node">Its name.</param>
/// <param name="From">SIGTERM.</param>
/// <param name="Ended">The process had ended.</param>
/// <param name="Ready">It was ready again.</param>
/// <param name="AllBack">Every client had a session again.</param>
public sealed record NodeRestart(string Node, TimeSpan From, TimeSpan Ended, TimeSpan Ready, TimeSpan AllBack)
{
    public TimeSpan To => Ready > AllBack ? Ready : AllBack;

    public bool Contains(TimeSpan at) => at >= From && at < To;
}

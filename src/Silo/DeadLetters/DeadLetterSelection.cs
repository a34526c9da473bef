namespace NotifyOrleans.Silo.DeadLetters;

/// <summary>Which dead letters are meant; null means any.</summary>
/// <param name="Ids">Their ids.</param>
/// <param name="Reason">Why they are dead letters.</param>
/// <param name="Exchange">The exchange that they were published to.</param>
/// <param name="RoutingKey">Their routing key.</param>
internal sealed record DeadLetterSelection(IReadOnlyCollection<string>? Ids, string? Reason, string? Exchange, string? RoutingKey)
{
    public bool Includes(DeadLetter letter) =>
        (Ids is null || (letter.Id is not null && Ids.Contains(letter.Id)))
        && (Reason is null || Reason == letter.Reason)
        && (Exchange is null || Exchange == letter.Exchange)
        && (RoutingKey is null || RoutingKey == letter.RoutingKey);
}

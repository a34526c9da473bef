namespace NotifyOrleans.Silo.DeadLetters;

/// <param name="Waiting">How many dead letters there are.</param>
/// <param name="DeadLetters">Those that were asked for, oldest first.</param>
internal sealed record DeadLetterPage(long Waiting, IReadOnlyList<DeadLetter> DeadLetters);

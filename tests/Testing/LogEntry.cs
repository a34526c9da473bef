using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Testing;

/// <param name="Level">How grave.</param>
/// <param name="Category">The logger's category.</param>
/// <param name="EventId">The event's number.</param>
/// <param name="Message">The text.</param>
/// <param name="Exception">What was thrown, if anything.</param>
public sealed record LogEntry(LogLevel Level, string Category, int EventId, string Message, Exception? Exception);

using System.Globalization;
using System.Text.RegularExpressions;
using NotifyOrleans.Testing;

namespace NotifyOrleans.System.Tests.Conventions;

/// <summary>Who looks for an event by its number finds that one.</summary>
public sealed partial class LogEventTests
{
    [Fact]
    public void Numbers_OfAllParts_AreEachOneEvents()
    {
        var numbers = Directory
            .GetFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Event().Matches(File.ReadAllText(file)))
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            .ToList();
        Assert.NotEmpty(numbers);
        Assert.Empty(numbers.GroupBy(number => number).Where(events => events.Count() > 1).Select(events => events.Key));
    }

    [GeneratedRegex(@"\[LoggerMessage\(\s*(\d+),")]
    private static partial Regex Event();
}

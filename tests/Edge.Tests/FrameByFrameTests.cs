using System.Text.RegularExpressions;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests;

/// <summary>The protocol's page names, for each frame, header and destination, a test that is there.</summary>
public sealed partial class FrameByFrameTests
{
    [Fact]
    public void Tests_ThatTheTableNames_AreThere()
    {
        var sources = Directory
            .GetFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        var rows = File.ReadAllLines(Repository.PathOf("docs", "protocol", "stomp.md"))
            .SkipWhile(line => line != "## Frame by frame")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.EndsWith("| test |", StringComparison.Ordinal))
            .Select(line => line.Split(" | ")[^1].Trim(' ', '|'))
            .ToList();
        Assert.True(rows.Count > 40, $"The table has {rows.Count} rows");
        foreach (var row in rows)
        {
            var names = Name().Matches(row).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();
            Assert.True(names.Count > 0, $"No test: {row}");
            Assert.All(names, name => Assert.Contains(sources[name.Class], source => source.Contains($" {name.Method}", StringComparison.Ordinal)));
        }
    }

    [GeneratedRegex(@"`(\w+Tests)\.?(\w*)`")]
    private static partial Regex Name();
}

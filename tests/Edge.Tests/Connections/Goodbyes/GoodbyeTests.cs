using System.Globalization;
using System.Reflection;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Connections.Goodbyes;

/// <summary>The one table of goodbyes is the same in code and for readers.</summary>
public sealed class GoodbyeTests
{
    [Fact]
    public void CloseReasons_AreTheRowsOfTheTableInTheProtocolsPage()
    {
        var reasons = typeof(CloseReasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (CloseReason)field.GetValue(null)!);
        var rows = File.ReadAllLines(Repository.PathOf("docs", "protocol", "stomp.md"))
            .SkipWhile(line => line != "## Goodbyes")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1].Trim('`'), cells => (Code: cells[2], Retry: cells[4]));
        Assert.All(reasons, reason =>
        {
            Assert.True(rows.Remove(reason.Name, out var row), $"{reason.Name} has no row");
            Assert.Equal(reason.Retry.ToString(), row.Retry);
            if (reason.Code != 0)
                Assert.Equal(reason.Code.ToString(CultureInfo.InvariantCulture), row.Code);
        });
        Assert.Empty(rows);
    }
}

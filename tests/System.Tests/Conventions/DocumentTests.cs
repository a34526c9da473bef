using System.Text.RegularExpressions;
using NotifyOrleans.Testing;

namespace NotifyOrleans.System.Tests.Conventions;

/// <summary>What documents point to is there: files, headings, and the tests that show what they say.</summary>
public sealed partial class DocumentTests
{
    private static readonly Dictionary<string, string> Documents = Directory
        .GetFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
        .Concat(Directory.GetFiles(Repository.Root, "*.md"))
        .ToDictionary(file => file, File.ReadAllText);

    [Fact]
    public void Links_LeadToFilesAndHeadings()
    {
        var links = Documents
            .SelectMany(document => Link().Matches(document.Value), (document, link) => (Document: document.Key, Target: link.Groups[1].Value))
            .ToList();
        Assert.NotEmpty(links);
        Assert.DoesNotContain(links, link => !LeadsSomewhere(link.Document, link.Target));
    }

    [Fact]
    public void Tests_ThatAreNamed_Exist()
    {
        // One class may be several files.
        var classes = Directory
            .GetFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .SelectMany(code => Class().Matches(code), (code, match) => (Name: match.Groups[1].Value, Code: code))
            .ToLookup(found => found.Name, found => found.Code);
        var named = Documents
            .SelectMany(
                document => Test().Matches(document.Value),
                (document, test) => (Document: document.Key, Class: test.Groups[1].Value, Test: test.Groups[2].Value)
            )
            .ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, name => !classes[name.Class].Any(code => code.Contains($" {name.Test}", StringComparison.Ordinal)));
    }

    private static bool LeadsSomewhere(string document, string target)
    {
        var (path, heading) = target.Split('#') is [var file, var fragment] ? (file, fragment) : (target, null);
        var full = path.Length == 0 ? document : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, path));
        if (heading is null)
            return Path.Exists(full);
        return Documents.TryGetValue(full, out var text) && Heading().Matches(text).Any(match => AnchorOf(match.Groups[1].Value) == heading);
    }

    /// <summary>As renderers of Markdown make it.</summary>
    private static string AnchorOf(string heading) => NotOfAnchors().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?!https?:)([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotOfAnchors();

    [GeneratedRegex(@"`(?:[\w.]+/)*(\w+Tests)(?:\.(?!cs`)(\w+))?…?`")]
    private static partial Regex Test();

    [GeneratedRegex(@"\b(?:class|record) (\w+)")]
    private static partial Regex Class();
}

using System.Globalization;

namespace NotifyOrleans.Testing.Processes;

/// <summary>A process and those that it has started, as the kernel lists them.</summary>
internal static class ProcessTree
{
    /// <summary>The process itself, its children, their children. Those that have ended and only wait for their parent to notice are left out.</summary>
    public static IReadOnlyList<int> Of(int id)
    {
        var children = Running().ToLookup(process => process.Parent, process => process.Id);
        var tree = new List<int> { id };
        for (var i = 0; i < tree.Count; i++)
            tree.AddRange(children[tree[i]]);
        return tree;
    }

    public static bool IsRunning(int id) => ReadStat(id) is not null;

    private static IEnumerable<(int Id, int Parent)> Running()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && ReadStat(id) is { } parent)
                yield return (id, parent);
        }
    }

    /// <summary>The parent's id; null for a process that is gone.</summary>
    private static int? ReadStat(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            // "id (name) state parent ...", and the name may hold anything.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

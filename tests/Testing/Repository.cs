namespace NotifyOrleans.Testing;

/// <summary>Where the files of the repository are, from a test's point of view.</summary>
public static class Repository
{
    private const string Framework = "net10.0";

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The assembly of a node in <c>src</c>, in the configuration that the tests were built in. That of a release is compiled as it ships.</summary>
    /// <exception cref="FileNotFoundException">It is not built.</exception>
    public static string AssemblyOf(string project)
    {
        var isRelease = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
        var configuration = isRelease ? "Release" : "Debug";
        var path = PathOf("src", project, "bin", configuration, Framework, isRelease ? "publish" : "", $"NotifyOrleans.{project}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{project} is not built; build the solution in {configuration} first", path);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "NotifyOrleans.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"NotifyOrleans.sln is in no folder above {AppContext.BaseDirectory}");
    }
}

namespace NotifyOrleans.Testing;

/// <summary>A folder of a test's own, deleted at the end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("notifyorleans-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A folder in it, made if it is not there.</summary>
    public string Folder(string name) => Directory.CreateDirectory(File(name)).FullName;

    public override string ToString() => Path;

    public void Dispose()
    {
        // A process that is ending may still write into it: the deletion is tried again.
        for (var attempt = 0; Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (attempt < 20)
            {
                Thread.Sleep(50);
            }
            catch (UnauthorizedAccessException) when (attempt < 20)
            {
                Thread.Sleep(50);
            }
        }
    }
}

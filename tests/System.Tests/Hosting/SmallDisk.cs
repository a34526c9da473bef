using System.Diagnostics;
using NotifyOrleans.Testing;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>A tmpfs of a few megabytes. Mounting needs root; without that the test fails.</summary>
public sealed class SmallDisk : IDisposable
{
    private const int Megabyte = 1024 * 1024;

    private readonly TemporaryFolder _folder = new();

    private SmallDisk() { }

    public string Folder => _folder.Path;

    private string Ballast => Path.Combine(Folder, "ballast");

    public static SmallDisk Mount(int megabytes)
    {
        var disk = new SmallDisk();
        Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk.Folder);
        return disk;
    }

    /// <summary>Takes room until only so much is left.</summary>
    public void FillUpTo(int freeMegabytes)
    {
        // As the disk counts it: whoever uses it writes meanwhile, and in blocks.
        var disk = new DriveInfo(Folder);
        using var ballast = File.Create(Ballast);
        var chunk = new byte[Megabyte / 4];
        while (disk.AvailableFreeSpace > (long)freeMegabytes * Megabyte)
            ballast.Write(chunk);
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", Folder);
        _folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}; it needs root");
    }
}

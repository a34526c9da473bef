using System.Diagnostics;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>A small file system of a test's own, in memory. Needs the right to mount; without it the test fails.</summary>
internal sealed class Mount : IDisposable
{
    public Mount(string folder, long bytes)
    {
        Folder = Directory.CreateDirectory(folder).FullName;
        Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "notifyorleans-test", Folder);
    }

    public string Folder { get; }

    public void SetReadOnly(bool readOnly) => Run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", Folder);

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Path.Combine(Folder, "filler"), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[64 << 10];
        // Ever smaller blocks, down to the last page.
        for (var size = block.Length; size >= 4096; )
        {
            try
            {
                file.Write(block, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void MakeRoom() => File.Delete(Path.Combine(Folder, "filler"));

    public void Dispose() => Run("umount", "-l", Folder);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error}(this test mounts a file system: it needs root)");
    }
}

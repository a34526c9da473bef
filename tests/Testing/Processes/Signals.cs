using System.Runtime.InteropServices;

namespace NotifyOrleans.Testing.Processes;

/// <summary>Signals as Linux numbers them.</summary>
internal static partial class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>A process that is gone is no fault.</summary>
    public static void Send(int processId, int signal) => SendSignal(processId, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}

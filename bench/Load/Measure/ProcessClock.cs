using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fairlead.Load.Measure;

/// <summary>The processor-time clock of another process: the sum of /proc/PID/stat, in nanoseconds instead of hundredths of a second.</summary>
internal static partial class ProcessClock
{
    public static double Seconds(int process)
    {
        var error = clock_getcpuclockid(process, out var clock);
        if (error != 0)
        {
            throw new Win32Exception(error);
        }

        return clock_gettime(clock, out var time) == 0 ? time.Seconds + (time.Nanoseconds / 1e9) : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc")]
    private static partial int clock_getcpuclockid(int process, out int clock);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Fairlead.Micro.Settlement;

/// <summary>
/// <c>dotnet run -c Release --project bench/Micro -- settlement</c>: CPU per settlement and settlements per second, which BenchmarkDotNet does not measure.
/// CPU is the whole process's: hold, record, writer thread and SQLite.
/// </summary>
public static class SettlementCost
{
    public static async Task PrintAsync(TextWriter output)
    {
        await output.WriteLineAsync(
            "| callers | answer takes | sync | settlements/s | CPU µs each | of it the rig | in the kernel | per commit | wait p50 ms | p99 | p99.9 | max |");
        await output.WriteLineAsync("|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        // The first passes pay for compiling.
        await MeasureAsync(32, 0, powerLoss: false);
        await MeasureAsync(1, 0, powerLoss: false);
        foreach (var (callers, answerMs, powerLoss) in ((int, int, bool)[])
            [(1, 0, false), (10, 0, false), (32, 0, false), (100, 0, false), (32, 5, false), (200, 50, false), (32, 0, true)])
        {
            await output.WriteLineAsync(await MeasureAsync(callers, answerMs, powerLoss));
        }
    }

    private static async Task<string> MeasureAsync(int callers, int answerMs, bool powerLoss)
    {
        await using var rig = await SettlementRig.StartAsync(powerLoss);
        var answer = TimeSpan.FromMilliseconds(answerMs);
        var each = (answerMs == 0 ? 40_000 : 12_000) / (powerLoss ? 8 : 1) / callers;
        await rig.RunAsync(callers, each / 4, answer);

        var cpu = Cpu();
        await rig.RunAsync(callers, each, answer, settle: false);
        var rigCpu = Cpu() - cpu;

        rig.TakeWaits();
        var before = rig.Ledger.Status;
        var kernel = Process.GetCurrentProcess().PrivilegedProcessorTime;
        cpu = Cpu();
        var started = Stopwatch.GetTimestamp();
        await rig.RunAsync(callers, each, answer);
        var elapsed = Stopwatch.GetElapsedTime(started);
        cpu = Cpu() - cpu;
        kernel = Process.GetCurrentProcess().PrivilegedProcessorTime - kernel;
        var after = rig.Ledger.Status;
        var settled = after.Settled - before.Settled;
        var waits = rig.TakeWaits();
        double Wait(double part) => waits[Math.Min(waits.Length - 1, (int)(part * waits.Length))].TotalMilliseconds;
        double Each(TimeSpan time) => time.TotalMicroseconds / settled;
        var load = $"| {callers} | {answerMs} ms | {(powerLoss ? "FULL" : "NORMAL")} |";
        var perCommit = (double)settled / (after.Batches - before.Batches);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{load} {settled / elapsed.TotalSeconds:n0} | {Each(cpu):n1} | {Each(rigCpu):n1} | {Each(kernel):n1} | {perCommit:n1} | ")
            + string.Create(CultureInfo.InvariantCulture, $"{Wait(0.5):n2} | {Wait(0.99):n2} | {Wait(0.999):n2} | {Wait(1):n2} |");
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;
}

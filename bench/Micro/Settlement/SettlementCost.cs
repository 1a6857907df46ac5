using System.Diagnostics;
using System.Globalization;
using Fairlead.Storage;

namespace Fairlead.Micro.Settlement;

/// <summary>
/// <c>dotnet run -c Release --project bench/Micro -- settlement [ADDRESS]</c>: CPU per settlement and settlements per second, which BenchmarkDotNet does not
/// measure. CPU is the whole process's: hold, record, writer thread and SQLite, or what it takes to talk to the PostgreSQL at the address.
/// </summary>
public static class SettlementCost
{
    /// <param name="output">Takes a table.</param>
    /// <param name="server">The PostgreSQL to measure; null is SQLite.</param>
    public static async Task PrintAsync(TextWriter output, DatabaseAddress? server)
    {
        await output.WriteLineAsync(
            "| callers | answer takes | sync | settlements/s | CPU µs each | of it the rig | in the kernel | per commit | wait p50 ms | p99 | p99.9 | max |");
        await output.WriteLineAsync("|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        // The first passes pay for compiling.
        await MeasureAsync(server, 32, 0, powerLoss: false);
        await MeasureAsync(server, 1, 0, powerLoss: false);
        var loads = ((int, int, bool)[])
            [(1, 0, false), (10, 0, false), (32, 0, false), (100, 0, false), (32, 5, false), (200, 50, false), (32, 0, true)];
        foreach (var (callers, answerMs, powerLoss) in loads.Where(load => server is null || !load.Item3))
        {
            await output.WriteLineAsync(await MeasureAsync(server, callers, answerMs, powerLoss));
        }
    }

    private static async Task<string> MeasureAsync(DatabaseAddress? server, int callers, int answerMs, bool powerLoss)
    {
        await using var rig = await SettlementRig.StartAsync(server, powerLoss);
        var answer = TimeSpan.FromMilliseconds(answerMs);
        // Seconds, not moments: checkpoints and the last methods being compiled again fall on many. Fewer where a commit waits for a disk: the single caller would take minutes.
        var each = (answerMs == 0 ? 200_000 : 12_000) / (powerLoss || server is not null ? 20 : 1) / callers;
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
        var load = $"| {callers} | {answerMs} ms | {(server is not null ? "the server's" : powerLoss ? "FULL" : "NORMAL")} |";
        var perCommit = (double)settled / (after.Batches - before.Batches);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{load} {settled / elapsed.TotalSeconds:n0} | {Each(cpu):n1} | {Each(rigCpu):n1} | {Each(kernel):n1} | {perCommit:n1} | ")
            + string.Create(CultureInfo.InvariantCulture, $"{Wait(0.5):n2} | {Wait(0.99):n2} | {Wait(0.999):n2} | {Wait(1):n2} |");
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;
}

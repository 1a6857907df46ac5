using System.Diagnostics;
using System.Text;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Receive;

namespace Fairlead.Inference.Plugins.FileParser.Pdf;

/// <summary>How a confined process came to its end.</summary>
internal enum ProcessEnd
{
    /// <summary>By itself, or by a limit of the kernel (then its exit code is 128 and the signal).</summary>
    Exited,
    /// <summary>It was killed for its time.</summary>
    TooSlow,
    /// <summary>It was killed for its output.</summary>
    TooMuchOutput,
}

/// <summary>What a confined process left.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitCode">Its exit code; of no meaning when it was killed.</param>
/// <param name="Complaints">The beginning of what it wrote to standard error.</param>
internal readonly record struct ProcessResult(ProcessEnd End, int ExitCode, string Complaints);

/// <summary>
/// Runs a program on a stranger's bytes: they come in through standard input and what it makes of them goes out through standard output, so that no file is written;
/// no shell, an empty environment, limits on time, memory and output that the kernel enforces (<c>prlimit</c>), no core dump, no file larger than nothing; where
/// <c>setpriv</c> is given, as the user nobody, in no group and without any right of the superuser's. It never outlives the call.
/// </summary>
internal static class ConfinedProcess
{
    private const int MostComplaints = 4096;

    // nobody and nogroup, as the kernel itself numbers who is nobody.
    private static readonly string[] AsNobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"];

    /// <summary>Runs <paramref name="program"/>; its output is added to <paramref name="output"/>. <paramref name="setpriv"/> is null where the user need not change.</summary>
    /// <exception cref="OperationCanceledException">The caller left; the process is dead.</exception>
    public static async Task<ProcessResult> RunAsync(
        string? setpriv, string prlimit, string program, IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, ProcessLimits limits, PooledBody output, CancellationToken cancellation)
    {
        using var process = new Process { StartInfo = StartOf(setpriv, prlimit, program, arguments, limits) };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        process.Start();
        try
        {
            deadline.CancelAfter(limits.Wall);
            var feeding = FeedAsync(process.StandardInput.BaseStream, input, deadline.Token);
            var complaining = ReadComplaintsAsync(process.StandardError.BaseStream, deadline.Token);
            var fits = await ResponseReading.ReadAsync(process.StandardOutput.BaseStream, output, limits.OutputBytes, deadline.Token);
            if (!fits)
                return new ProcessResult(ProcessEnd.TooMuchOutput, 0, "");
            await feeding;
            var complaints = await complaining;
            await process.WaitForExitAsync(deadline.Token);
            return new ProcessResult(ProcessEnd.Exited, process.ExitCode, complaints);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ProcessResult(ProcessEnd.TooSlow, 0, "");
        }
        finally
        {
            // Ends what still feeds it or listens to it too.
            await deadline.CancelAsync();
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static ProcessStartInfo StartOf(string? setpriv, string prlimit, string program, IReadOnlyList<string> arguments, ProcessLimits limits)
    {
        var start = new ProcessStartInfo(setpriv ?? prlimit)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        if (setpriv is not null)
        {
            foreach (var argument in AsNobody)
                start.ArgumentList.Add(argument);
            start.ArgumentList.Add(prlimit);
        }

        start.ArgumentList.Add($"--as={limits.MemoryBytes}");
        start.ArgumentList.Add($"--cpu={limits.CpuSeconds}");
        start.ArgumentList.Add("--fsize=0");
        start.ArgumentList.Add("--core=0");
        start.ArgumentList.Add("--nofile=32");
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    private static async Task FeedAsync(Stream stdin, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        try
        {
            await using (stdin)
                await stdin.WriteAsync(input, cancellation);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // It ended, or was ended, before it had read everything; what it said meanwhile counts.
        }
    }

    private static async Task<string> ReadComplaintsAsync(Stream stderr, CancellationToken cancellation)
    {
        // Read to its end, or a process with much to complain about would wait for us forever.
        var kept = new byte[MostComplaints];
        var rest = new byte[MostComplaints];
        var length = 0;
        try
        {
            while (await stderr.ReadAsync(length < kept.Length ? kept.AsMemory(length) : rest, cancellation) is > 0 and var read)
                length = Math.Min(kept.Length, length + read);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // Ended with the process.
        }

        return Encoding.UTF8.GetString(kept, 0, length);
    }
}

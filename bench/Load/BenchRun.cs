using System.Globalization;
using System.Runtime.InteropServices;
using Fairlead.Load.Drive;
using Fairlead.Load.Measure;
using Fairlead.Load.Servers;

namespace Fairlead.Load;

/// <summary>
/// The whole benchmark in one run. Every comparison is made in rounds that alternate between the servers, so that what else the machine does falls on all of them; a ratio is
/// the median of the rounds' ratios. Processor time is what the kernel charges to the server's process from before the first request to after the last answer.
/// </summary>
internal sealed class BenchRun(RunOptions options)
{
    private const int Callers = 32;
    private const int OpenStreams = 200;
    private const int SlowStreams = 2000;
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(300);

    private readonly List<string> _report = [];
    private int _errors;

    public async Task<int> RunAsync()
    {
        await using var servers = await Lineup.StartAsync(options);
        Target[] measured = [.. servers.Measured];
        var idle = await IdleAsync(servers);
        await WarmUpAsync(servers, measured);
        if (_errors > 0)
        {
            Console.Error.WriteLine("A server does not answer as it should: nothing to measure.\n" + string.Join('\n', measured.Select(t => servers.Process(t).LastLines())));
            return 1;
        }

        if (options.Only.Contains("requests"))
        {
            await RequestsAsync(servers, measured);
        }

        if (options.Only.Contains("streams"))
        {
            await StreamsAsync(servers, measured);
        }

        if (options.Only.Contains("latency"))
        {
            await LatencyAsync([servers.Direct, .. measured]);
        }

        var loaded = measured.ToDictionary(t => t.Name, t => servers.Process(t).PeakMiB, StringComparer.Ordinal);
        if (options.Only.Contains("slow"))
        {
            await SlowAsync(servers, measured);
        }

        Head("Memory, MiB resident", "idle after start", "peak under load", "peak with 2,000 streams", "now");
        foreach (var target in measured)
        {
            var process = servers.Process(target);
            Row(target.Name, F(idle[target.Name], 0), F(loaded[target.Name], 0), F(process.PeakMiB, 0), F(process.ResidentMiB, 0));
        }

        Console.WriteLine();
        Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}, {Machine()}, {options.Rounds} rounds{(options.Quick ? ", --quick" : "")}");
        _report.ForEach(Console.WriteLine);
        Console.WriteLine(_errors == 0 ? "\nNo request failed." : $"\n{_errors} requests failed.");
        return _errors == 0 ? 0 : 1;
    }

    private async Task<Dictionary<string, double>> IdleAsync(Lineup servers)
    {
        await Task.Delay(TimeSpan.FromSeconds(options.Quick ? 2 : 5));
        return servers.Measured.ToDictionary(t => t.Name, t => servers.Process(t).ResidentMiB, StringComparer.Ordinal);
    }

    /// <summary>Methods are compiled again, optimized, after 30 calls and in the background: the first requests say nothing about the later ones.</summary>
    private async Task WarmUpAsync(Lineup servers, Target[] measured)
    {
        Say("warming up");
        foreach (var target in (Target[])[servers.Direct, .. measured])
        {
            for (var i = 0; i < 3; i++)
            {
                Check(target, await Batch.RunAsync(target, target.Whole, Callers, options.Scale(1000), TimeSpan.Zero), 0);
                Check(target, await Batch.RunAsync(target, target.Stream, 50, 1, TimeSpan.FromSeconds(0.5)), MockUpstream.Chunks);
                await Task.Delay(Settled);
            }
        }
    }

    private async Task RequestsAsync(Lineup servers, Target[] measured)
    {
        var each = options.Scale(1000);
        var cpu = measured.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        var rate = measured.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        var writer = measured.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var target in measured)
            {
                Say($"round {round + 1}: {Callers * each} whole answers, {target.Name}");
                var (batch, used, commits, seconds) = await MeteredAsync(servers.Process(target), () => Batch.RunAsync(target, target.Whole, Callers, each, TimeSpan.Zero));
                var good = Check(target, batch, 0);
                cpu[target.Name].Add(used * 1e6 / good);
                rate[target.Name].Add(good / seconds);
                writer[target.Name].Add(commits * 1e6 / good);
                Say($"  {F(cpu[target.Name][^1], 1)} µs each, {F(rate[target.Name][^1], 0)} per second");
            }
        }

        Head($"Whole answers, {Callers} callers", "CPU per request, µs", "× passthrough", "ratios of the rounds", "requests per second");
        foreach (var target in measured)
        {
            Row(target.Name, F(Numbers.Median(cpu[target.Name]), 1), Ratio(cpu, servers, target), Ratios(cpu, servers, target), F(Numbers.Median(rate[target.Name]), 0));
        }

        foreach (var target in measured.Skip(1))
        {
            Row($"of {target.Name}, in commits", F(Numbers.Median(writer[target.Name]), 1), "", "", "");
        }
    }

    private async Task StreamsAsync(Lineup servers, Target[] measured)
    {
        var each = options.Quick ? 2 : 5;
        var cpu = measured.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        var firsts = measured.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        var lengths = measured.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        var writer = measured.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var target in measured)
            {
                Say($"round {round + 1}: {OpenStreams * each} streams, {target.Name}");
                var (batch, used, commits, _) = await MeteredAsync(
                    servers.Process(target), () => Batch.RunAsync(target, target.Stream, OpenStreams, each, TimeSpan.FromSeconds(1)));
                var good = Check(target, batch, MockUpstream.Chunks);
                cpu[target.Name].Add(used * 1e3 / good);
                firsts[target.Name].AddRange(batch.Exchanges.Select(e => e.FirstEvent.TotalMilliseconds));
                lengths[target.Name].AddRange(batch.Exchanges.Select(e => e.Whole.TotalMilliseconds));
                writer[target.Name].Add(commits * 1e3 / good);
            }
        }

        Head($"Streams of {MockUpstream.Chunks} chunks at 10 ms, {OpenStreams} open", "CPU per stream, ms", "× passthrough", "ratios of the rounds", "first event p50 / p99, ms", "whole stream p50, ms");
        foreach (var target in measured)
        {
            Row(
                target.Name, F(Numbers.Median(cpu[target.Name]), 2), Ratio(cpu, servers, target), Ratios(cpu, servers, target),
                $"{F(Numbers.Median(firsts[target.Name]), 1)} / {F(Numbers.Percentile(firsts[target.Name], 99), 1)}", F(Numbers.Median(lengths[target.Name]), 0));
        }

        foreach (var target in measured.Skip(1))
        {
            Row($"of {target.Name}, in commits", F(Numbers.Median(writer[target.Name]), 2), "", "", "", "");
        }
    }

    private async Task LatencyAsync(Target[] targets)
    {
        var p50 = targets.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        var p99 = targets.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        var firsts = targets.ToDictionary(t => t.Name, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var target in targets)
            {
                Say($"round {round + 1}: one caller, {target.Name}");
                var whole = await Batch.RunAsync(target, target.Whole, 1, options.Scale(1500), TimeSpan.Zero);
                Check(target, whole, 0);
                p50[target.Name].Add(Numbers.Median(whole.Exchanges.Select(e => e.Whole.TotalMilliseconds)));
                p99[target.Name].Add(Numbers.Percentile(whole.Exchanges.Select(e => e.Whole.TotalMilliseconds), 99));

                // Eight callers with few requests each: most of a stream's second is waiting.
                var streamed = await Batch.RunAsync(target, target.Stream, 8, 4, TimeSpan.FromSeconds(1));
                Check(target, streamed, MockUpstream.Chunks);
                firsts[target.Name].AddRange(streamed.Exchanges.Select(e => e.FirstEvent.TotalMilliseconds));
            }
        }

        Head("One caller, whole answers, ms", "p50", "p99", "added to direct, p50", "added to direct, p99");
        foreach (var name in targets.Select(t => t.Name))
        {
            Row(
                name, F(Numbers.Median(p50[name]), 3), F(Numbers.Median(p99[name]), 3),
                F(Numbers.Median(p50[name].Zip(p50["direct"], (a, b) => a - b)), 3), F(Numbers.Median(p99[name].Zip(p99["direct"], (a, b) => a - b)), 3));
        }

        Head("First event of a stream, 8 callers, ms (a delayed acknowledgement would show at 40)", "p50", "p90", "p99", "most", "of them 38 to 46 ms");
        foreach (var name in targets.Select(t => t.Name))
        {
            var all = firsts[name];
            Row(
                name, F(Numbers.Median(all), 2), F(Numbers.Percentile(all, 90), 2), F(Numbers.Percentile(all, 99), 2), F(all.Max(), 2),
                $"{all.Count(f => f is >= 38 and <= 46)} of {all.Count}");
        }
    }

    private async Task SlowAsync(Lineup servers, Target[] measured)
    {
        var streams = options.Quick ? SlowStreams / 4 : SlowStreams;
        Head($"{streams:N0} slow streams open at once ({MockUpstream.SlowChunks} chunks a second apart)", "complete", "failed", "first event p99, ms", "CPU per stream, ms");
        foreach (var target in measured)
        {
            Say($"{streams} slow streams, {target.Name}");
            var (batch, used, _, _) = await MeteredAsync(servers.Process(target), () => Batch.RunAsync(target, target.Slow, streams, 1, TimeSpan.FromSeconds(3)));
            var good = Check(target, batch, MockUpstream.SlowChunks);
            Row(
                target.Name, good.ToString(CultureInfo.InvariantCulture), (streams - good).ToString(CultureInfo.InvariantCulture),
                F(Numbers.Percentile(batch.Exchanges.Select(e => e.FirstEvent.TotalMilliseconds), 99), 1), F(used * 1e3 / good, 2));
        }
    }

    /// <summary>Runs the load and reads what the server's process used for it, and what it spent in commits, in seconds.</summary>
    private static async Task<(Batch Batch, double Cpu, double Commits, double Seconds)> MeteredAsync(ServerProcess process, Func<Task<Batch>> load)
    {
        await Task.Delay(Settled);
        var (commits, before, began) = (await process.CommitSecondsAsync(), process.Cpu, System.Diagnostics.Stopwatch.StartNew());
        var batch = await load();
        var seconds = began.Elapsed.TotalSeconds;
        await Task.Delay(Settled);
        var cpu = process.Cpu - before;
        return (batch, cpu, await process.CommitSecondsAsync() - commits, seconds);
    }

    private int Check(Target target, Batch batch, int events)
    {
        var good = batch.Good(events);
        if (good < batch.Exchanges.Count)
        {
            _errors += batch.Exchanges.Count - good;
            var first = batch.Exchanges.First(e => e.Status != 200 || (events > 0 && (!e.Done || e.Events < events)));
            Say($"{target.Name}: {batch.Exchanges.Count - good} of {batch.Exchanges.Count} failed; the first: {first}");
        }

        return Math.Max(1, good);
    }

    private static string Ratio(Dictionary<string, List<double>> values, Lineup servers, Target target) =>
        F(Numbers.Median(values[target.Name].Zip(values[servers.Bare.Name], (a, b) => a / b)), 2);

    private static string Ratios(Dictionary<string, List<double>> values, Lineup servers, Target target) =>
        target == servers.Bare ? "" : string.Join(' ', values[target.Name].Zip(values[servers.Bare.Name], (a, b) => F(a / b, 2)));

    private void Head(params ReadOnlySpan<string> cells)
    {
        _report.Add("");
        Row(cells);
        _report.Add("|---|" + string.Concat(Enumerable.Repeat("---:|", cells.Length - 1)));
    }

    private void Row(params ReadOnlySpan<string> cells) => _report.Add("| " + string.Join(" | ", cells.ToArray()) + " |");

    private static string F(double value, int digits) => value.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        return $"{Environment.ProcessorCount} × {model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
    }

    private static void Say(string what) => Console.Error.WriteLine(what);
}

using System.Diagnostics;
using System.Globalization;

namespace Fairlead.Load.Measure;

/// <summary>A server in a process of its own, and what the kernel says it used.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();

    private readonly Uri _ready;

    private ServerProcess(string name, Process process, Uri ready)
    {
        Name = name;
        _process = process;
        _ready = ready;
    }

    public string Name { get; }

    /// <summary>Seconds of processor time of all threads, user and system, since the start, those that ended included.</summary>
    public double Cpu => ProcessClock.Seconds(_process.Id);

    public double ResidentMiB => Status("VmRSS:");

    public double PeakMiB => Status("VmHWM:");

    /// <summary>Starts <c>dotnet dll args</c> and waits until <paramref name="ready"/> answers 200.</summary>
    public static async Task<ServerProcess> StartAsync(string name, string dll, IEnumerable<string> args, Uri ready, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(dll);
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[key] = value;
        }

        var server = new ServerProcess(name, Process.Start(start)!, ready);
        server._process.OutputDataReceived += (_, line) => server.Keep(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await server.UntilReadyAsync(ready);
        return server;
    }

    /// <summary>
    /// Seconds a gateway spent committing charges since its start, by its own <c>/metrics</c>; zero for a server without them. Time on the clock: with SQLite
    /// as set here a commit waits for no disk, so it is close to processor time on a machine that is not overloaded, and above it on one that is.
    /// </summary>
    public async Task<double> CommitSecondsAsync()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(_ready, "/metrics"));
        var line = (await answer.Content.ReadAsStringAsync()).Split('\n').FirstOrDefault(l => l.StartsWith("fairlead_ledger_commit_time_seconds_total ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public string LastLines()
    {
        lock (_lastLines)
        {
            return string.Join('\n', _lastLines);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastLines)
        {
            if (_lastLines.Count == 20)
            {
                _lastLines.Dequeue();
            }

            _lastLines.Enqueue(line);
        }
    }

    private async Task UntilReadyAsync(Uri ready)
    {
        using var http = new HttpClient();
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < TimeSpan.FromSeconds(60);)
        {
            if (_process.HasExited)
            {
                break;
            }

            try
            {
                using var response = await http.GetAsync(ready);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        var lines = LastLines();
        await DisposeAsync();
        throw new InvalidOperationException($"{Name} did not get ready at {ready}:\n{lines}");
    }

    private double Status(string field)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}

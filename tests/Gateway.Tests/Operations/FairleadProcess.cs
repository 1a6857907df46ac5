using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>What a command printed and how it ended.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>
/// The built program as a process of its own, as a person starts it: real arguments, real signals, real exit codes. It sees none of this machine's
/// provider keys.
/// </summary>
internal sealed class FairleadProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "fairlead.dll");

    private readonly Process process;
    private bool disposed;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly ConcurrentQueue<TaskCompletionSource> waiting = new();

    private FairleadProcess(IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment, string? workingFolder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingFolder ?? Path.GetTempPath(),
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Program);
        foreach (var arg in args)
            start.ArgumentList.Add(arg);
        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "HOME", "TMPDIR", "DOTNET_ROOT"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }

        start.Environment["OLLAMA_HOST"] = "http://127.0.0.1:9"; // Nothing listens there.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Take(output, line.Data);
        process.ErrorDataReceived += (_, line) => Take(error, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where a serving process listens.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Everything printed to standard output so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Everything printed to standard error so far.</summary>
    public string Error
    {
        get
        {
            lock (error)
                return error.ToString();
        }
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<CommandResult> RunAsync(params string[] args) => RunAsync(environment: null, args);

    /// <summary>Runs a command to its end, with some environment variables set.</summary>
    public static async Task<CommandResult> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        await using var run = new FairleadProcess(args, environment, workingFolder: null);
        var exitCode = await run.EndAsync();
        return new(exitCode, run.Output, run.Error);
    }

    /// <summary>Starts a server on a free port and waits until it serves.</summary>
    public static async Task<FairleadProcess> ServeAsync(
        string dataFolder, IReadOnlyDictionary<string, string>? environment = null, string? workingFolder = null, params string[] args)
    {
        var server = new FairleadProcess(["--urls", "http://127.0.0.1:0", "--data", dataFolder, .. args], environment, workingFolder);
        const string Serving = "Fairlead serves at ";
        await server.PrintedAsync(() => server.Output.Contains(Serving, StringComparison.Ordinal) && server.Output.EndsWith('\n'));
        server.Url = server.Output[(server.Output.IndexOf(Serving, StringComparison.Ordinal) + Serving.Length)..].Split('\n')[0].Trim();
        return server;
    }

    /// <summary>Waits until what was printed fulfils a condition; fails with all that was printed when it ends before.</summary>
    public async Task PrintedAsync(Func<bool> condition)
    {
        var limit = Task.Delay(Patience);
        var ended = process.WaitForExitAsync();
        while (!condition())
        {
            var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(next);
            if (condition())
                return;
            var first = await Task.WhenAny(next.Task, ended, limit);
            Assert.False(first == limit || (first == ended && !condition()), $"The program did not print what was expected.\n{Output}\n{Error}");
        }
    }

    /// <summary>Asks the process to end, as an init system does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Ends the process without letting it do anything.</summary>
    public void KillHard() => process.Kill();

    /// <summary>Waits for the end; the exit code.</summary>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>A client that knows the key.</summary>
    public HttpClient Client(string key)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url + "/"), Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Whoever starts it again disposes the one before, and the group disposes all: twice where the new start failed.
        if (disposed)
            return;
        disposed = true;
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private void Take(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
                text.Append(line).Append('\n');
        }

        while (waiting.TryDequeue(out var next))
            next.TrySetResult();
    }
}

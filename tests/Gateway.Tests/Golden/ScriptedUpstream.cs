using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.Gateway.Tests.Golden;

/// <summary>
/// A provider that reads a request whole, keeps it, and answers with given bytes in given pieces. Plain sockets, because a web server would gather the
/// pieces again.
/// </summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;
    private volatile Script? script;
    private volatile string? lastRequest;

    public ScriptedUpstream()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Request line, headers and body of the last request, as it came.</summary>
    public string LastRequest => lastRequest ?? throw new InvalidOperationException("no request came");

    /// <summary>What every request gets from now on.</summary>
    public void Play(WireAnswer answer, int[] cuts)
    {
        lastRequest = null;
        script = new Script(answer, cuts);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var answers = new List<Task>();
        try
        {
            while (true)
                answers.Add(AnswerAsync(await listener.AcceptSocketAsync(stop.Token)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(Socket connection)
    {
        using var socket = connection;
        socket.NoDelay = true;
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        bounded.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            if (await ReadRequestAsync(socket, bounded.Token) is not { } request)
                return; // a connection opened in reserve
            lastRequest = request;
            await WriteAsync(socket, script!, bounded.Token);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The test class is over.
        }
        catch (SocketException)
        {
            // The gateway hung up, as it does after an error within a stream.
        }
    }

    private static async Task<string?> ReadRequestAsync(Socket socket, CancellationToken cancellation)
    {
        var received = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, cancellation);
            if (count == 0)
                return null;
            received.AddRange(buffer.AsSpan(0, count));
            var text = Encoding.UTF8.GetString([.. received]);
            var headEnd = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (headEnd >= 0 && Encoding.UTF8.GetByteCount(text.AsSpan(headEnd + 4)) >= ContentLength(text[..headEnd]))
                return text;
        }
    }

    private static int ContentLength(string head)
    {
        var line = head.Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return int.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture);
    }

    private static async Task WriteAsync(Socket socket, Script script, CancellationToken cancellation)
    {
        var (answer, cuts) = script;
        var body = answer.Bytes;
        var framing = answer.IsStream ? "Transfer-Encoding: chunked" : $"Content-Length: {body.Length}";
        var head = $"HTTP/1.1 {answer.Status} Scripted\r\nContent-Type: {answer.ContentType}\r\n{framing}\r\nConnection: close\r\n\r\n";
        await SendAsync(socket, Encoding.ASCII.GetBytes(head), cancellation);
        var from = 0;
        foreach (var to in (int[])[.. cuts, body.Length])
        {
            var piece = body[from..to];
            from = to;
            if (answer.IsStream)
                piece = [.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8];
            await SendAsync(socket, piece, cancellation);
            // Without a pause the kernel hands several pieces to one read. A byte at a time needs none: there are thousands, and enough arrive alone.
            if (cuts.Length < 500)
                await Task.Delay(1, cancellation);
        }

        if (answer.IsStream)
            await SendAsync(socket, "0\r\n\r\n"u8.ToArray(), cancellation);
    }

    private static async Task SendAsync(Socket socket, byte[] bytes, CancellationToken cancellation)
    {
        var sent = 0;
        while (sent < bytes.Length)
            sent += await socket.SendAsync(bytes.AsMemory(sent), cancellation);
    }

    private sealed record Script(WireAnswer Answer, int[] Cuts);
}

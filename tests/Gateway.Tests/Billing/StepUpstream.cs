using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>A provider on plain sockets that does one thing at a time, when the test says so.</summary>
internal sealed class StepUpstream : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<StepConnection> requests = Channel.CreateUnbounded<StepConnection>();
    private readonly Task accepting;

    public StepUpstream()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>The next connection, once its request is read whole.</summary>
    public async Task<StepConnection> RequestAsync(CancellationToken cancellation = default)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(TimeSpan.FromSeconds(20));
        return await requests.Reader.ReadAsync(bounded.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stop.Token);
                socket.NoDelay = true;
                _ = ReadAsync(socket);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        try
        {
            var received = new List<byte>();
            var buffer = new byte[16 * 1024];
            while (!IsWhole(received))
            {
                var count = await socket.ReceiveAsync(buffer, stop.Token);
                if (count == 0)
                    return; // a connection opened in reserve
                received.AddRange(buffer.AsSpan(0, count));
            }

            requests.Writer.TryWrite(new StepConnection(socket, stop.Token));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException)
        {
            socket.Dispose();
        }
    }

    private static bool IsWhole(List<byte> received)
    {
        var text = Encoding.Latin1.GetString([.. received]);
        var headEnd = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (headEnd < 0)
            return false;
        var length = text[..headEnd].Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return text.Length - headEnd - 4 >= int.Parse(length["Content-Length:".Length..], CultureInfo.InvariantCulture);
    }
}

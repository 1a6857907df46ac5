using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>The provider's side of one request.</summary>
internal sealed class StepConnection : IDisposable
{
    private readonly Socket socket;
    private bool chunked;

    public StepConnection(Socket socket, CancellationToken stop)
    {
        this.socket = socket;
        WhenClosed = WatchAsync(stop);
    }

    /// <summary>When the gateway closed its side (a <see cref="Stopwatch"/> timestamp).</summary>
    public Task<long> WhenClosed { get; }

    public async Task StartStreamAsync(string mediaType)
    {
        chunked = true;
        await SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {mediaType}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    }

    public Task StartWholeAsync(int length) =>
        SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");

    public Task WriteAsync(string text) => SendAsync(chunked ? $"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n" : text);

    /// <summary>The body ends as it should.</summary>
    public async Task EndAsync()
    {
        if (chunked)
            await SendAsync("0\r\n\r\n");
        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>The connection ends in the middle of whatever it was. Not by a reset, which would overtake what was sent.</summary>
    public void Cut() => socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => socket.Dispose();

    private async Task SendAsync(string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(text);
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes)..];
    }

    private async Task<long> WatchAsync(CancellationToken stop)
    {
        try
        {
            var buffer = new byte[256];
            while (await socket.ReceiveAsync(buffer, stop) > 0)
            {
                // Nothing more is expected; whatever comes does not matter.
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Reset by the gateway, cut by us, or the test is over.
        }

        return Stopwatch.GetTimestamp();
    }
}

using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fairlead.Load.Drive;

/// <summary>
/// One kept-alive connection that sends bytes prepared beforehand and reads HTTP/1.1 just well enough. It shares the machine with what it measures, so it costs little.
/// </summary>
internal sealed class Connection(IPEndPoint address) : IDisposable
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Socket? _socket;
    private int _start;
    private int _end;

    /// <summary>Sends one request and reads its answer to the end. A broken connection is reported as status 0; the next call connects again.</summary>
    public async Task<Exchange> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                _start = _end = 0;
                await _socket.ConnectAsync(address, cancellationToken);
            }

            var began = Stopwatch.GetTimestamp();
            await _socket.SendAsync(request, cancellationToken);
            return await ReadAsync(began, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            Dispose();
            return default;
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async Task<Exchange> ReadAsync(long began, CancellationToken cancellationToken)
    {
        int headEnd;
        while ((headEnd = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync(cancellationToken);
        }

        var (status, length) = Head(_buffer.AsSpan(_start, headEnd));
        _start += headEnd + 4;
        var counter = new EventCounter();
        var first = TimeSpan.Zero;
        if (length is { } left)
        {
            await TakeAsync(left);
        }
        else
        {
            int size;
            while ((size = await ChunkSizeAsync(cancellationToken)) > 0)
            {
                await TakeAsync(size);
                await SkipLineAsync(cancellationToken);
            }

            await SkipLineAsync(cancellationToken);
        }

        return new Exchange(status, counter.Events, counter.Done, first, Stopwatch.GetElapsedTime(began));

        async ValueTask TakeAsync(int count)
        {
            while (count > 0)
            {
                if (_start == _end)
                {
                    await FillAsync(cancellationToken);
                }

                var taken = Math.Min(count, _end - _start);
                counter.Feed(_buffer.AsSpan(_start, taken));
                if (counter.Events > 0 && first == TimeSpan.Zero)
                {
                    first = Stopwatch.GetElapsedTime(began);
                }

                _start += taken;
                count -= taken;
            }
        }
    }

    private static (int Status, int? Length) Head(ReadOnlySpan<byte> head)
    {
        if (!Utf8Parser.TryParse(head[9..], out int status, out _))
        {
            throw new IOException("The answer has no status line.");
        }

        while (head.IndexOf("\r\n"u8) is >= 0 and var end)
        {
            head = head[(end + 2)..];
            if (head.Length > 15 && System.Text.Ascii.EqualsIgnoreCase(head[..15], "content-length:"u8)
                && Utf8Parser.TryParse(head[15..].TrimStart((byte)' '), out int length, out _))
            {
                return (status, length);
            }
        }

        return (status, null);
    }

    private async ValueTask<int> ChunkSizeAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
        {
            await FillAsync(cancellationToken);
        }

        var size = int.Parse(_buffer.AsSpan(_start, end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        _start += end + 2;
        return size;
    }

    private async ValueTask SkipLineAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < 2)
        {
            await FillAsync(cancellationToken);
        }

        _start += 2;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var read = await _socket!.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0)
        {
            throw new IOException("The server closed the connection inside an answer.");
        }

        _end += read;
    }
}

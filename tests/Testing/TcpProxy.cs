using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Fairlead.Testing;

/// <summary>
/// A way to a server of this machine that can be cut: connections are closed and new ones refused until it is mended; or frozen: connections stay, new ones are
/// made, and nothing arrives until it is mended.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly int _target;
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly CancellationTokenSource _stop = new();
    private TcpListener? _listener;
    private volatile TaskCompletionSource? _frozen;
    private volatile bool _onlyAnswers;
    private TaskCompletionSource? _late;

    /// <summary>To a port of this machine.</summary>
    public TcpProxy(int target)
    {
        _target = target;
        Mend();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    /// <summary>The server is gone for whoever came this way.</summary>
    public void Cut()
    {
        _listener?.Dispose();
        _listener = null;
        foreach (var connection in _open.Keys)
        {
            connection.Dispose();
        }
    }

    /// <summary>The server seems to hang. What is sent meanwhile arrives when it is mended.</summary>
    /// <param name="onlyAnswers">It gets what it is sent, and only its answers do not arrive.</param>
    public void Freeze(bool onlyAnswers = false) =>
        (_onlyAnswers, _frozen) = (onlyAnswers, new(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>It is there again, but what was sent while it was frozen is still on its way, until <see cref="Mend"/>.</summary>
    public void MendForWhatComes()
    {
        _late = _frozen;
        _frozen = null;
    }

    /// <summary>It is there again, at the same port.</summary>
    public void Mend()
    {
        _frozen?.TrySetResult();
        _late?.TrySetResult();
        (_frozen, _late) = (null, null);
        if (_listener is not null)
        {
            return;
        }

        var listener = _listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync(listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Cut();
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            return;
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, bool areAnswers)
    {
        try
        {
            var some = new byte[16 << 10];
            int count;
            while ((count = await from.GetStream().ReadAsync(some, _stop.Token)) > 0)
            {
                if (_frozen is { } frozen && (areAnswers || !_onlyAnswers))
                {
                    await frozen.Task.WaitAsync(_stop.Token);
                }

                await to.GetStream().WriteAsync(some.AsMemory(0, count), _stop.Token);
            }
        }
        finally
        {
            to.Dispose();
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        _open[client] = true;
        _open[server] = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            // A connection may be closed while it is frozen: what was sent on it before arrives all the same.
            await Task.WhenAll(CopyAsync(client, server, areAnswers: false), CopyAsync(server, client, areAnswers: true));
        }
        catch (Exception ended) when (ended is SocketException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            return;
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(server, out _);
            client.Dispose();
        }
    }
}

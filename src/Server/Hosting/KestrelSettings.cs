using System.Net.Sockets;
using Fairlead.Server.Control;
using Fairlead.Server.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Fairlead.Server.Hosting;

/// <summary>How the web server is set, and why; nothing here is left to a default by accident.</summary>
internal static class KestrelSettings
{
    /// <summary>Applies limits and addresses. <paramref name="largestBody"/> is in bytes, before decompression.</summary>
    public static void Apply(KestrelServerOptions kestrel, ServeSettings settings, string controlSocket, long largestBody)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;

        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = largestBody;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestHeaderCount = 100;
        limits.MaxRequestLineSize = 8 * 1024;
        // A header that trickles in costs a connection and nothing else; ten seconds are plenty for an honest client.
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        // A sender slower than this for longer than the grace is cut with 408. A prompt with images over a poor line still passes.
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
        // Reading an answer slowly is legitimate (a person reads along); Relay cuts a reader that has stalled for 120 s.
        limits.MinResponseDataRate = null;
        // What waits for a slow reader: at most this much per connection (architecture §6), then Relay stops reading the upstream.
        limits.MaxResponseBufferSize = 64 * 1024;

        var http2 = limits.Http2;
        http2.MaxStreamsPerConnection = 100;
        http2.MaxRequestHeaderFieldSize = 16 * 1024;
        http2.InitialConnectionWindowSize = 1024 * 1024;
        http2.InitialStreamWindowSize = 256 * 1024;
        http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

        foreach (var address in settings.Urls)
            address.Listen(kestrel);
        kestrel.ListenUnixSocket(controlSocket, ControlConnection.Mark);
    }

    /// <summary>Sockets: no Nagle delay (first tokens must not wait for 40 ms), and the control socket bound for its owner only.</summary>
    public static void Apply(SocketTransportOptions transport)
    {
        transport.NoDelay = true;
        transport.Backlog = 1024;
        transport.CreateBoundListenSocket = static endpoint => endpoint is UnixDomainSocketEndPoint address
            ? ControlSocket.BindForOwner(address)
            : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
    }
}

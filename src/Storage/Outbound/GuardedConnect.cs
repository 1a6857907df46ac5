using System.Net;
using System.Net.Sockets;

namespace Fairlead.Storage.Outbound;

/// <summary>A connection was refused because the name leads to an address that may not be reached.</summary>
public sealed class AddressRefusedException : IOException
{
    /// <summary>Says which host was refused; never which address it had, so that the text cannot be used to map a network.</summary>
    public AddressRefusedException(string host)
        : base($"{host} leads to an address inside this network, which is not allowed.")
    {
    }

    /// <inheritdoc/>
    public AddressRefusedException()
    {
    }

    /// <inheritdoc/>
    public AddressRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>
/// The connect step of every outbound client: resolves once, checks every address, and connects to a checked address, so that a name cannot
/// change its meaning between check and use. Nagle is off: first tokens must not wait.
/// </summary>
public static class GuardedConnect
{
    /// <summary>A handler whose connections are checked. Private addresses only where <paramref name="allowPrivate"/> says so.</summary>
    public static SocketsHttpHandler CreateHandler(bool allowPrivate, TimeSpan connectTimeout) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = connectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
        PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        MaxConnectionsPerServer = int.MaxValue,
        MaxResponseHeadersLength = 64,
        // Enough to read the end of a stream whose terminator was seen, so that the connection is kept; what goes on longer is cut.
        MaxResponseDrainSize = 16 * 1024,
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(100),
        ActivityHeadersPropagator = null,
        ConnectCallback = (connection, cancellation) => ConnectAsync(connection.DnsEndPoint, allowPrivate, cancellation),
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool allowPrivate, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(target.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(target.Host, cancellation);
        var allowed = allowPrivate ? addresses : Array.FindAll(addresses, PublicAddress.IsPublic);
        if (allowed.Length == 0)
            throw addresses.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new AddressRefusedException(target.Host);

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

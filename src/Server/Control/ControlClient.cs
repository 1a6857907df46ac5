using System.Net;
using System.Net.Sockets;
using Fairlead.Server.Commands;
using Fairlead.Server.Settings;

namespace Fairlead.Server.Control;

/// <summary>The command line's side of the control socket.</summary>
internal static class ControlClient
{
    /// <summary>
    /// Has the running server carry a command out; null when no server listens, or one on another database than <paramref name="installation"/> names, so that
    /// nothing has happened yet.
    /// </summary>
    public static async Task<AdminAnswer?> TryAsync(Installation installation, AdminCommand command, CancellationToken cancellationToken)
    {
        if (ControlSocket.Find(installation.DataFolder) is not { } path || await ConnectAsync(path, cancellationToken) is not { } socket)
            return null;
        using var connections = new SocketsHttpHandler
        {
            // The one connection made above. A second one would mean that the first was lost after the command may have been carried out.
            ConnectCallback = (_, _) => Interlocked.Exchange(ref socket, null) is { } once
                ? ValueTask.FromResult<Stream>(new NetworkStream(once, ownsSocket: true))
                : throw new IOException("The connection was lost."),
        };
        using var invoker = new HttpMessageInvoker(connections);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://control" + ControlEndpoints.Path)
        {
            Content = JsonContent.Create(command, ControlJson.Default.AdminCommand),
        };
        if (installation.NamesDatabase)
            request.Headers.TryAddWithoutValidation(ControlEndpoints.Database, ControlEndpoints.NameOf(installation.Database));
        try
        {
            using var response = await invoker.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
                return await response.Content.ReadFromJsonAsync(ControlJson.Default.AdminAnswer, cancellationToken);
            if (response.StatusCode == HttpStatusCode.MisdirectedRequest)
                return null;
            throw new CommandFailure(ExitCode.NoDatabase, $"The running server refused the command ({(int)response.StatusCode}); its log says why.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CommandFailure(
                ExitCode.NoDatabase, "The running server went away before it answered; look whether the command was carried out before you repeat it.", e);
        }
        finally
        {
            socket?.Dispose();
        }
    }

    // A socket file that nobody listens on is what a killed server leaves behind.
    private static async Task<Socket?> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            socket.Dispose();
            throw new CommandFailure(ExitCode.NoDatabase, $"A server runs on this data folder, but its control socket {path} belongs to another user.", e);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}

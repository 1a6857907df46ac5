using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fairlead.Server.Control;

/// <summary>Marks connections that came through the control socket; its endpoints answer on no other.</summary>
internal sealed class ControlConnection
{
    private static readonly ControlConnection Instance = new();

    /// <summary>Connection middleware of the control listener.</summary>
    public static void Mark(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            connection.Features.Set(Instance);
            return next(connection);
        });
    }

    /// <summary>Whether a request came through the control socket.</summary>
    public static bool Carries(HttpContext http) =>
        // Every request asks, and looking for a feature that is not there is slow: what came over TCP has an address.
        http.Connection.LocalIpAddress is null && http.Features.Get<ControlConnection>() is not null;
}

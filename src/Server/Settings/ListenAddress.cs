using System.Net;
using Fairlead.Server.Commands;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fairlead.Server.Settings;

/// <summary>One address of <c>--urls</c>: <c>http://host:port</c>, host an IP address, <c>localhost</c>, or <c>*</c> for all interfaces.</summary>
internal sealed record ListenAddress(string Host, int Port)
{
    /// <summary>Loopback only, so that a first start is not reachable from the network.</summary>
    public static ListenAddress Default { get; } = new("127.0.0.1", 8080);

    /// <summary>Reads addresses separated by <c>;</c> or <c>,</c>. Throws <see cref="CommandFailure"/> (exit 2) naming the one that is wrong.</summary>
    public static IReadOnlyList<ListenAddress> ParseAll(string text)
    {
        var parts = text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 0 ? throw new CommandFailure(ExitCode.Usage, "--urls names no address.") : [.. parts.Select(Parse)];
    }

    private static ListenAddress Parse(string text)
    {
        if (text.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            throw new CommandFailure(
                ExitCode.Usage, $"--urls {text}: Fairlead listens on plain HTTP; put a TLS proxy in front of it (docs/operations/running.md).");
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(text);
        }
        catch (FormatException)
        {
            throw Refused(text);
        }

        var wellFormed = address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase)
            && address.PathBase.Length == 0 && !address.IsUnixPipe && !address.IsNamedPipe && address.Port is >= 0 and <= 65535
            && (IsAny(address.Host) || IsLocalhost(address.Host) || IPAddress.TryParse(address.Host, out _));
        return wellFormed ? new(address.Host, address.Port) : throw Refused(text);
    }

    private static CommandFailure Refused(string text) =>
        new(ExitCode.Usage, $"--urls {text}: not an address of the form http://HOST:PORT, HOST being an IP address, localhost, or * for every interface.");

    /// <summary>Makes Kestrel listen here.</summary>
    public void Listen(KestrelServerOptions kestrel)
    {
        if (IsAny(Host))
            kestrel.ListenAnyIP(Port);
        else if (!IsLocalhost(Host))
            kestrel.Listen(IPAddress.Parse(Host), Port);
        else if (Port == 0)
            kestrel.Listen(IPAddress.Loopback, 0); // Two families cannot share a port that is chosen while binding.
        else
            kestrel.ListenLocalhost(Port);
    }

    /// <inheritdoc/>
    public override string ToString() => $"http://{Host}:{Port}";

    private static bool IsAny(string host) => host is "*" or "+" or "0.0.0.0" or "[::]";

    private static bool IsLocalhost(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
}

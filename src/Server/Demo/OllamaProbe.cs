using System.Text.Json;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;

namespace Fairlead.Server.Demo;

/// <summary>Looks, at start, whether an Ollama server is where <c>OLLAMA_HOST</c> says; from then on it is a provider like any other that is asked for its models.</summary>
internal static class OllamaProbe
{
    /// <summary>Where it looks when nobody says otherwise.</summary>
    public const string DefaultHost = "http://127.0.0.1:11434";

    private const string Slug = "ollama";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>What answered within a second; null when nothing did, or something that is not Ollama.</summary>
    public static async Task<DiscoveredModels?> LookAsync(string? host, CancellationToken cancellationToken)
    {
        if (Address(host ?? DefaultHost) is not { } baseUrl)
            return null;
        try
        {
            return await ModelServer.AskOllamaAsync(Slug, baseUrl, Longest, cancellationToken);
        }
        catch (DiscoveryException)
        {
            return null; // nobody there is the usual case, not a failure
        }
    }

    /// <summary>The provider, as a layer of configuration.</summary>
    public static ConfigurationDocument Layer(string baseUrl) => new("Ollama at " + baseUrl, JsonSerializer.SerializeToUtf8Bytes(new
    {
        providers = new[] { new { slug = Slug, name = "Ollama", protocol = "ollama", base_url = baseUrl, allow_private_network = true, discover_models = true } },
    }));

    // OLLAMA_HOST is also written without scheme ("0.0.0.0:11434"), as Ollama itself reads it; "any address" is reached by loopback.
    private static string? Address(string host)
    {
        var text = host.Contains("://", StringComparison.Ordinal) ? host : "http://" + host;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return null;
        var explicitPort = text.Contains(uri.Host + ":", StringComparison.OrdinalIgnoreCase);
        var port = uri.Scheme == "http" && !explicitPort ? 11434 : uri.Port;
        var name = uri.Host switch { "0.0.0.0" => "127.0.0.1", "[::]" => "[::1]", var other => other };
        return $"{uri.Scheme}://{name}:{port}{uri.AbsolutePath.TrimEnd('/')}";
    }
}

using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Discovery;

/// <summary>Asks a server for its models in the way of its protocol.</summary>
public static class ModelServer
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Whether servers of the protocol can be asked.</summary>
    public static bool Knows(UpstreamProtocol? protocol) => protocol is UpstreamProtocol.Ollama or UpstreamProtocol.OpenAIChat;

    /// <summary>What an Ollama server at an address of this machine's network has. Throws <see cref="DiscoveryException"/> where it does not say within <paramref name="longest"/>.</summary>
    public static Task<DiscoveredModels> AskOllamaAsync(string slug, string baseUrl, TimeSpan longest, CancellationToken cancellationToken) =>
        AskAsync(slug, UpstreamProtocol.Ollama, baseUrl, allowPrivate: true, key: null, longest, cancellationToken);

    /// <summary>What a provider's server has. Throws <see cref="DiscoveryException"/> where it does not say within 10 seconds.</summary>
    internal static Task<DiscoveredModels> AskAsync(Provider provider, CancellationToken cancellationToken) =>
        AskAsync(provider.Slug, provider.Protocol, provider.BaseUrl!, provider.AllowPrivateNetwork, ServerConnection.KeyHeader(provider), Longest, cancellationToken);

    private static async Task<DiscoveredModels> AskAsync(
        string slug, UpstreamProtocol protocol, string baseUrl, bool allowPrivate, (string Name, string Value)? key, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var connection = new ServerConnection(allowPrivate, key, longest, cancellationToken);
        try
        {
            var models = protocol == UpstreamProtocol.Ollama
                ? await OllamaServer.ReadAsync(connection, baseUrl.EndsWith("/v1", StringComparison.Ordinal) ? baseUrl[..^"/v1".Length] : baseUrl)
                : await OpenAICompatibleServer.ReadAsync(connection, baseUrl);
            return new DiscoveredModels(slug, baseUrl, models);
        }
        catch (InvalidOperationException unreadable)
        {
            // Escapes that are half a character, somewhere in its names.
            throw new DiscoveryException("its answer holds text that is no Unicode", unreadable);
        }
    }
}

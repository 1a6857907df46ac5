namespace Fairlead.Catalog.Configuration;

/// <summary>What one document says, before it is merged with the others.</summary>
internal sealed class ConfigurationLayer
{
    public required ConfigurationDocument Document { get; init; }
    public List<ProviderEntry> Providers { get; } = [];
    public List<ModelEntry> Models { get; } = [];
    /// <summary>What the <c>catalog</c> and <c>inference</c> objects change.</summary>
    public List<Func<GatewayOptions, GatewayOptions>> Options { get; } = [];
}

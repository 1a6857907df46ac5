namespace Fairlead.Catalog.Health;

/// <summary>
/// The health of every endpoint at one moment, by endpoint id. Immutable and swapped whole; a request takes it once. Endpoints that are not in it are
/// <see cref="EndpointHealth.Unknown"/>.
/// </summary>
public sealed class HealthSnapshot
{
    private readonly Dictionary<string, EndpointHealth> byEndpoint;

    /// <summary>Copies what is known.</summary>
    public HealthSnapshot(IEnumerable<KeyValuePair<string, EndpointHealth>> known) => byEndpoint = new(known, StringComparer.Ordinal);

    /// <summary>Nothing is known of any endpoint.</summary>
    public static HealthSnapshot Empty { get; } = new([]);

    /// <summary>Endpoints of which something is known.</summary>
    public int Count => byEndpoint.Count;

    /// <summary>The health of one endpoint. Allocates nothing.</summary>
    public EndpointHealth Of(string endpointId) =>
        byEndpoint.Count > 0 && byEndpoint.TryGetValue(endpointId, out var health) ? health : EndpointHealth.Unknown;
}

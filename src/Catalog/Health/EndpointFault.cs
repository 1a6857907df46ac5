namespace Fairlead.Catalog.Health;

/// <summary>What a failed attempt says about its endpoint. What each failure counts as is a table in <c>docs/failover.md</c>.</summary>
public enum EndpointFault
{
    /// <summary>Nothing: the request was at fault, or the caller left.</summary>
    None,
    /// <summary>It failed: counts against its uptime, its stability and its circuit.</summary>
    Failed,
    /// <summary>The provider refused our credentials or our account: only the operator can mend it.</summary>
    Credentials,
    /// <summary>The provider does not know the model: only the operator can mend it.</summary>
    UnknownModel,
}

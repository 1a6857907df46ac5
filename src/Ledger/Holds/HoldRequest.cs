using Fairlead.Ledger.Generations;

namespace Fairlead.Ledger.Holds;

/// <summary>A wish to set credits aside for one request before anything is sent upstream (inference I-63).</summary>
public readonly record struct HoldRequest
{
    /// <summary>The id of the generation to come: settling is idempotent by it, and after a crash it names what was in flight.</summary>
    public required string GenerationId { get; init; }
    /// <summary>The account that pays.</summary>
    public required long AccountId { get; init; }
    /// <summary>The key used.</summary>
    public required long KeyId { get; init; }
    /// <summary>The key's cap (<c>ApiKey.SpendingLimit</c>); null is none.</summary>
    public required KeyLimit? KeyLimit { get; init; }
    /// <summary>The worst case of the request; zero for free ones. Never negative.</summary>
    public required Credits Amount { get; init; }
    /// <summary>The model asked for, shown by <c>GET /generation</c> if the gateway dies before the answer ends.</summary>
    public string Model { get; init; }
    /// <summary>Likewise, one of <see cref="ApiTypes"/>; null is <see cref="ApiTypes.Completions"/>.</summary>
    public string? ApiType { get; init; }
}

namespace Fairlead.Catalog.Discovery;

/// <summary>One model that a server says it has.</summary>
/// <param name="Name">As the server knows it: <c>llama3.2:latest</c>.</param>
public sealed record DiscoveredModel(string Name)
{
    /// <summary>Tokens prompt and answer may have together; null when the server does not say.</summary>
    public int? ContextLength { get; init; }
    /// <summary>It takes tools.</summary>
    public bool Tools { get; init; }
    /// <summary>It takes images.</summary>
    public bool Vision { get; init; }
    /// <summary>It can think.</summary>
    public bool Thinking { get; init; }
    /// <summary>It makes embeddings instead of text.</summary>
    public bool Embeddings { get; init; }
}

/// <summary>What one provider's server has.</summary>
/// <param name="Provider">The provider's slug.</param>
/// <param name="BaseUrl">The address that was asked.</param>
/// <param name="Models">In the server's order.</param>
public sealed record DiscoveredModels(string Provider, string BaseUrl, IReadOnlyList<DiscoveredModel> Models)
{
    /// <summary>The same models at the same place.</summary>
    public bool SameAs(DiscoveredModels other) => Provider == other.Provider && BaseUrl == other.BaseUrl && Models.SequenceEqual(other.Models);
}

/// <summary>A server could not be asked for its models; the message is a sentence's end for the operator, without a full stop.</summary>
public sealed class DiscoveryException : Exception
{
    /// <summary>Says why.</summary>
    public DiscoveryException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public DiscoveryException()
    {
    }

    /// <inheritdoc/>
    public DiscoveryException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

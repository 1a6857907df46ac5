namespace Fairlead.Catalog.Configuration;

/// <summary><c>inference.exacto</c>: when the quality of endpoints orders them (routing §6.4, §10.3).</summary>
public sealed record ExactoOptions
{
    /// <summary>Everything at its default.</summary>
    public static ExactoOptions Default { get; } = new();

    /// <summary><c>auto</c>: requests with tools that say nothing about the order put better endpoints first. Default true.</summary>
    public bool Auto { get; init; } = true;
    /// <summary><c>least_requests</c>: answers of 30 minutes from which an endpoint's throughput is judged. Default 20, 1 to 1,000,000.</summary>
    public int LeastRequests { get; init; } = 20;
    /// <summary><c>least_tool_requests</c>: answers with tool calls of 2 hours from which they are judged. Default 20, 1 to 1,000,000.</summary>
    public int LeastToolRequests { get; init; } = 20;
}

namespace Fairlead.Storage.Nodes;

/// <summary>
/// A node's own session with a server that several nodes share: it registers the node, renews its lease and hears the others. Used by one task at a time, except
/// <see cref="SendAsync"/>.
/// </summary>
internal interface INodeSession : IAsyncDisposable
{
    /// <summary>Registers this run of the node. Throws <see cref="StorageException"/> (<see cref="StorageFailure.NodeInUse"/>) when another process runs as the same node.</summary>
    Task BeginAsync(TimeSpan length, CancellationToken cancellationToken);

    /// <summary>Renews the lease, over a new connection where the last was lost. Throws <see cref="StorageException"/> when the server does not answer.</summary>
    Task<NodeRenewal> RenewAsync(TimeSpan length, CancellationToken cancellationToken);

    /// <summary>Hands messages on as they come, for at most so long. A lost connection ends it early.</summary>
    Task ListenAsync(TimeSpan atMost, CancellationToken cancellationToken);

    /// <summary>Tells the other nodes something. Throws <see cref="StorageException"/>.</summary>
    Task SendAsync(string message, CancellationToken cancellationToken);
}

/// <summary>What came of a renewal.</summary>
/// <param name="IsOurs">False when another process has become this node, or it was given up: this one may promise nothing any more.</param>
/// <param name="Others">Ids of the other nodes whose lease is valid by the server's clock.</param>
internal readonly record struct NodeRenewal(bool IsOurs, IReadOnlyList<string> Others);

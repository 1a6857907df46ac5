namespace Fairlead.Storage;

/// <summary>
/// The right to serve from a database. Holds live in the memory of one gateway, so two that serve from one database would each promise the whole balance.
/// Given back by <see cref="IAsyncDisposable.DisposeAsync"/>, or by the end of the process.
/// </summary>
public interface IServingRight : IAsyncDisposable
{
    /// <summary>Completes when another process has taken the right, after the connection that held it was lost: stop serving at once.</summary>
    Task Lost { get; }
}

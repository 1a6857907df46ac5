namespace Fairlead.Storage.Sqlite;

/// <summary>Who serves from a file is settled by the lock of its data folder; nothing is held here and nothing can be lost.</summary>
internal sealed class FileServing : IServingRight
{
    /// <inheritdoc/>
    public Task Lost { get; } = new TaskCompletionSource().Task;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

namespace Fairlead.Storage.Transfer;

/// <summary>Puts rows into one table of the target, inside its transaction.</summary>
internal interface IRowWriter : IAsyncDisposable
{
    /// <summary>Adds a row: its values in the order of the columns, each null, a number (<see cref="long"/>) or a text.</summary>
    Task WriteAsync(IReadOnlyList<object?> values, CancellationToken cancellationToken);

    /// <summary>All rows were given.</summary>
    Task FinishAsync(CancellationToken cancellationToken);
}

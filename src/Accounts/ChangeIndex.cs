using Dapper;
using Fairlead.Storage;
using Fairlead.Storage.Changes;
using Microsoft.Extensions.Hosting;

namespace Fairlead.Accounts;

/// <summary>
/// A table in memory, for what the hot path asks: read whole at the start, then what changed. A change made in this process is visible when the call that made it
/// returns, one made by another process within half a second. Thread-safe.
/// </summary>
public abstract class ChangeIndex : IHostedService, IForeignChangeListener, IDisposable
{
    private readonly SemaphoreSlim _loading = new(1, 1);
    private long _revision;

    private protected ChangeIndex()
    {
    }

    /// <summary>Reads what changed since the last time; at first, everything.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public Task OnForeignChangeAsync(CancellationToken cancellationToken) => RefreshAsync(cancellationToken);

    /// <summary>Reads the whole table.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => RefreshAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _loading.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task ReadAsync(CancellationToken cancellationToken);

    /// <summary>Applies the rows that <paramref name="query"/> finds newer than <c>@since</c>, in the order of their revisions.</summary>
    private protected async Task ApplyAsync<TRow>(Database database, string query, string what, Action<TRow> apply, CancellationToken cancellationToken)
        where TRow : IRevisedRow
    {
        var since = _revision;
        var rows = await database.ReadAsync(connection => connection.QueryAsync<TRow>(new CommandDefinition(query, new { since }, cancellationToken: cancellationToken)), what);
        foreach (var row in rows)
        {
            apply(row);
            _revision = row.Revision;
        }
    }
}

/// <summary>A row that gets a higher number with every change.</summary>
internal interface IRevisedRow
{
    long Revision { get; }
}

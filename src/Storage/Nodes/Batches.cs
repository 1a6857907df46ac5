namespace Fairlead.Storage.Nodes;

/// <summary>
/// Callers wait here to be served together: whoever comes while a batch is being served is in the next one. One batch at a time, never on the caller's own way.
/// Thread-safe.
/// </summary>
/// <param name="serveAsync">Serves a batch, and tells everybody in it what became of it, whatever happens. Must not throw.</param>
public sealed class Batches<T>(Func<List<T>, Task> serveAsync)
{
    private readonly Lock _lock = new();
    private List<T> _waiting = [];
    private bool _serving;

    /// <summary>Puts one into the next batch.</summary>
    public void Add(T item)
    {
        lock (_lock)
        {
            _waiting.Add(item);
            if (_serving)
            {
                return;
            }

            _serving = true;
        }

        _ = ServeAsync();
    }

    private async Task ServeAsync()
    {
        // The caller goes on with its own.
        await Task.Yield();
        while (Take() is { } batch)
        {
            await serveAsync(batch);
        }
    }

    private List<T>? Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _serving = false;
                return null;
            }

            var batch = _waiting;
            _waiting = [];
            return batch;
        }
    }
}

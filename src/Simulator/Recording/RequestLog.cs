namespace Fairlead.Simulator.Recording;

/// <summary>The newest requests, as many as the options ask for.</summary>
internal sealed class RequestLog(SimulatorOptions options)
{
    private readonly Lock _lock = new();
    private readonly Queue<RecordedRequest> _requests = new();

    /// <summary>Begins a record, or answers null when nothing is recorded.</summary>
    public RecordedRequest? Begin(HttpRequest request, string target)
    {
        if (options.RecordRequests <= 0)
        {
            return null;
        }

        var headers = request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var record = new RecordedRequest(request.Method, target, headers, options.TimeProvider.GetUtcNow());
        lock (_lock)
        {
            while (_requests.Count >= options.RecordRequests)
            {
                _requests.Dequeue();
            }

            _requests.Enqueue(record);
        }

        return record;
    }

    public void KeepBody(RecordedRequest? record, byte[] body)
    {
        if (record is not null)
        {
            record.Body = body.Length <= options.RecordBodyBytes ? body : body[..options.RecordBodyBytes];
        }
    }

    public IReadOnlyList<RecordedRequest> Snapshot()
    {
        lock (_lock)
        {
            return [.. _requests];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _requests.Clear();
        }
    }
}

namespace Fairlead.Simulator.Recording;

/// <summary>One request as the simulator received it.</summary>
public sealed class RecordedRequest
{
    private readonly TaskCompletionSource<DateTimeOffset> _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RecordedRequest(string method, string path, IReadOnlyDictionary<string, string> headers, DateTimeOffset arrivedAt)
    {
        Method = method;
        Path = path;
        Headers = headers;
        ArrivedAt = arrivedAt;
    }

    /// <summary>The HTTP method.</summary>
    public string Method { get; }

    /// <summary>The request target as sent: path and query, still percent-encoded.</summary>
    public string Path { get; }

    /// <summary>Headers by name, whatever their case; several values of one name are joined with a comma.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body, cut at <see cref="SimulatorOptions.RecordBodyBytes"/>. Empty until it was read.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    /// <summary>The body as text.</summary>
    public string BodyText => System.Text.Encoding.UTF8.GetString(Body.Span);

    /// <summary>When the headers had arrived, by the simulator's clock.</summary>
    public DateTimeOffset ArrivedAt { get; }

    /// <summary>Whether the client left before the answer was complete.</summary>
    public bool Aborted => _aborted.Task.IsCompletedSuccessfully;

    /// <summary>Completes with the time at which the client's disconnect was seen. Never completes when the answer was sent whole.</summary>
    public Task<DateTimeOffset> WhenAborted => _aborted.Task;

    /// <summary>Completes when the simulator is through with the request, whichever way.</summary>
    public Task WhenFinished => _finished.Task;

    internal void MarkAborted(DateTimeOffset at) => _aborted.TrySetResult(at);

    internal void MarkFinished() => _finished.TrySetResult();
}

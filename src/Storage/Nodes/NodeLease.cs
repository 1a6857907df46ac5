using Microsoft.Extensions.Logging;

namespace Fairlead.Storage.Nodes;

/// <summary>
/// This node's right to promise from what it has reserved for itself (credits, limits), where several nodes share one PostgreSQL: valid for
/// <see cref="Length"/> from the moment a renewal was sent, by this machine's own monotonic clock, so never longer than the database believes. Renewed about
/// every second. On SQLite there is one node and the lease is always valid. Thread-safe.
/// </summary>
public sealed partial class NodeLease(Database database, NodeId node, TimeProvider clock, ILogger<NodeLease> logger) : IAsyncDisposable
{
    /// <summary>How long a renewal lasts.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenRenewals = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterAFailure = TimeSpan.FromMilliseconds(200);

    private readonly bool _alone = database.Engine is not DatabaseEngine.PostgreSql;
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _listening = new();
    private volatile (string Topic, Action<NodeMessage> Heard)[] _listeners = [];
    private volatile IReadOnlyList<string> _live = [];
    private INodeSession? _session;
    private Task? _renewing;
    private long _renewedAt;
    private long _term;
    private volatile bool _held;
    private bool _fails;
    private bool _disposed;

    /// <summary>Which node this is.</summary>
    public NodeId NodeId => node;

    /// <summary>Differs at every start of the node, and is in its row of <c>nodes</c> for as long as this process is the node.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N");

    /// <summary>There is nobody to share with: an SQLite file.</summary>
    public bool IsAlone => _alone;

    /// <summary>Whether this node may promise anything now. Costs a look at the clock.</summary>
    public bool IsValid => _alone || Remaining > TimeSpan.Zero;

    /// <summary>How long the lease lasts if it is not renewed again; zero when it is not valid.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (_alone)
            {
                return TimeSpan.MaxValue;
            }

            var left = _held ? Length - clock.GetElapsedTime(Interlocked.Read(ref _renewedAt)) : TimeSpan.Zero;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Counts up whenever the lease begins anew after it was not valid: what may have been given to other nodes meanwhile is this one's no more. Look at <see cref="IsValid"/> first.
    /// </summary>
    public long Term => Interlocked.Read(ref _term);

    /// <summary>Ids of the other nodes that were alive at the last renewal.</summary>
    public IReadOnlyList<string> LiveNodes => _live;

    /// <summary>Completes when another process has become this node, or the node was given up (<c>ledger release-node</c>): stop at once.</summary>
    public Task Lost => _lost.Task;

    /// <summary>
    /// Takes the lease and keeps it until disposal; a second call does nothing. Throws <see cref="StorageException"/>: of kind
    /// <see cref="StorageFailure.NodeInUse"/> when another process runs as the same node.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_alone || _renewing is not null)
            {
                return;
            }

            var session = Session();
            var asked = clock.GetTimestamp();
            await session.BeginAsync(Length, cancellationToken);
            // Waiting for a dead process to go may have taken longer than a lease: the first renewal says since when it counts.
            await RenewAsync(session, cancellationToken);
            _renewing = RunAsync(session, _stop.Token);
            // The others would know of this node only at their next renewal.
            await session.SendAsync(NodeMessage.Write(node, "node", "begins"), cancellationToken);
            LogTaken(node.Value, clock.GetElapsedTime(asked).TotalMilliseconds);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>
    /// Calls <paramref name="heard"/> for every message of other nodes about <paramref name="topic"/>, until what it returns is disposed. It must not block:
    /// renewals wait for it. Messages sent while the connection is down are missed.
    /// </summary>
    public IDisposable Listen(string topic, Action<NodeMessage> heard)
    {
        var listener = (topic, heard);
        lock (_listening)
        {
            _listeners = [.. _listeners, listener];
        }

        return new Listening(this, listener);
    }

    /// <summary>
    /// Tells every other node something, without knowing whether it arrives; also before <see cref="StartAsync"/>. Throws <see cref="StorageException"/> when the
    /// database refuses, <see cref="ArgumentException"/> for more than about 7,900 bytes.
    /// </summary>
    /// <param name="topic">One word that tells what it is about.</param>
    /// <param name="text">Anything.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public Task SendAsync(string topic, string text, CancellationToken cancellationToken = default) =>
        _alone ? Task.CompletedTask : Session().SendAsync(NodeMessage.Write(node, topic, text), cancellationToken);

    /// <summary>Gives the lease back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stop.CancelAsync();
        if (_renewing is not null)
        {
            await _renewing;
        }

        _held = false;
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        _stop.Dispose();
        _starting.Dispose();
    }

    private INodeSession Session() => LazyInitializer.EnsureInitialized(ref _session, () => database.OpenNode(node, Run, clock, Hear));

    private async Task RunAsync(INodeSession session, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var left = BetweenRenewals - clock.GetElapsedTime(Interlocked.Read(ref _renewedAt));
                if (left > TimeSpan.Zero && !_fails)
                {
                    await session.ListenAsync(left, stop);
                }
                else if (!await TryRenewAsync(session, stop))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>False when the lease is lost for good.</summary>
    private async Task<bool> TryRenewAsync(INodeSession session, CancellationToken stop)
    {
        try
        {
            await RenewAsync(session, stop);
            if (_fails)
            {
                LogBack();
            }

            _fails = false;
            return _held;
        }
        catch (StorageException failure)
        {
            if (!_fails)
            {
                LogNotRenewed(failure, Remaining.TotalSeconds);
            }

            _fails = true;
            await Task.Delay(AfterAFailure, clock, stop);
            return true;
        }
    }

    private async Task RenewAsync(INodeSession session, CancellationToken cancellationToken)
    {
        var asked = clock.GetTimestamp();
        var renewal = await session.RenewAsync(Length, cancellationToken);
        _live = renewal.Others;
        if (!_held || clock.GetElapsedTime(Interlocked.Read(ref _renewedAt)) >= Length)
        {
            // Before the lease is seen to be valid.
            Interlocked.Increment(ref _term);
        }

        Interlocked.Exchange(ref _renewedAt, asked);
        _held = renewal.IsOurs;
        if (!renewal.IsOurs)
        {
            _lost.TrySetResult();
        }
    }

    private void Hear(string written)
    {
        if (!NodeMessage.TryRead(written, out var message) || message.From == node.Value)
        {
            return;
        }

        if (!_live.Contains(message.From))
        {
            _live = [.. _live, message.From];
        }

        foreach (var (topic, heard) in _listeners)
        {
            if (topic == message.Topic)
            {
                heard(message);
            }
        }
    }

    /// <summary>One listener, until disposed.</summary>
    private sealed class Listening(NodeLease lease, (string, Action<NodeMessage>) listener) : IDisposable
    {
        public void Dispose()
        {
            lock (lease._listening)
            {
                lease._listeners = [.. lease._listeners.Where(other => other != listener)];
            }
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "This is node {Node}; its lease was taken after {Milliseconds} ms.")]
    private partial void LogTaken(string node, double milliseconds);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning,
        Message = "The lease of this node could not be renewed; it lasts another {Seconds:0.0} s, and then nothing is admitted until the database answers.")]
    private partial void LogNotRenewed(Exception failure, double seconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "The lease of this node is renewed again.")]
    private partial void LogBack();
}

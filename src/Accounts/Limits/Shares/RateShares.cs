using System.Collections.Concurrent;
using System.Globalization;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Microsoft.Extensions.Logging;

namespace Fairlead.Accounts.Limits.Shares;

/// <summary>
/// This node's shares of rate limits, where several nodes share the database: taken when they are too small (<see cref="ShareDesk"/>), handed back as far as nothing
/// counts in them any more, when another node asks or nothing does. All shares of a limit together are never more than the limit, save for what already counts. Thread-safe.
/// </summary>
internal sealed partial class RateShares : IDisposable
{
    /// <summary>How long a refusal is remembered, so that a limit that is hammered does not hammer the database.</summary>
    public static readonly TimeSpan RefusalLasts = NodeQuestions.Between;

    /// <summary>Shares handed back in one transaction.</summary>
    private const int MostAtOnce = 500;

    private readonly NodeLease _lease;
    private readonly ILogger _logger;
    private readonly Func<ScopeName, LimitScope?> _find;
    private readonly Func<IEnumerable<LimitScope>> _all;
    private readonly ShareStore _store;
    private readonly EndedRuns _ended;
    private readonly NodeQuestions _questions;
    private readonly ConcurrentDictionary<LimitScope, ShareDesk> _desks = new();
    private readonly ConcurrentDictionary<LimitScope, bool> _outgrown = new();
    private long _coveredTerm;
    private bool _fails;

    /// <param name="database">PostgreSQL.</param>
    /// <param name="lease">This node.</param>
    /// <param name="clock">Time, of which only what passes matters.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="find">A scope in memory.</param>
    /// <param name="all">All of them.</param>
    public RateShares(
        Database database, NodeLease lease, TimeProvider clock, ILogger logger, Func<ScopeName, LimitScope?> find, Func<IEnumerable<LimitScope>> all)
    {
        (_lease, Clock, _logger, _find, _all) = (lease, clock, logger, find, all);
        _store = new(database, lease);
        _ended = new(database, lease, clock);
        _questions = new(lease, clock, "rate-return", AnswerAsync, Note);
    }

    public TimeProvider Clock { get; }

    /// <summary>Whether this node may take anything now.</summary>
    public bool MayTake => _lease.IsValid;

    /// <summary>Whether what was taken in a term of the lease may be used now.</summary>
    // In this order: a new term is to be seen before the lease that belongs to it.
    public bool IsCurrent(long term) => _lease.IsValid && _lease.Term == term;

    /// <summary>Waits until the request is decided; null where another scope is too small now.</summary>
    public Task<RateOutcome?> AskAsync(LimitScope scope, ShareWant want) =>
        _desks.GetOrAdd(scope, static (scope, shares) => new(shares, scope), this).AskAsync(want);

    /// <summary>The scope is not in use any more.</summary>
    public void Forget(LimitScope scope)
    {
        _desks.TryRemove(scope, out _);
        _outgrown.TryRemove(scope, out _);
    }

    /// <summary>More counts than was taken: it is taken at the next round, so that the other nodes know.</summary>
    public void CoverLater(LimitScope scope) => _outgrown[scope] = true;

    /// <summary>
    /// Takes what those who wait need, and lets them use it before another node can ask for it (<paramref name="use"/>). Null when the scope is not in use any more. Throws
    /// <see cref="StorageException"/>.
    /// </summary>
    public async Task<SharePlan?> TakeAsync(LimitScope scope, RateAmounts limits, IReadOnlyList<RateAmounts> needs, Action<SharePlan>? use = null)
    {
        var share = scope.Share!;
        await share.Gate.WaitAsync();
        try
        {
            if (scope.PrepareShare(limits, needs, _lease.Term, Clock) is not { } ask)
            {
                return null;
            }

            var plan = await _store.TakeAsync(share.Name, ask);
            scope.GrantShare(ask, plan);
            use?.Invoke(plan);
            return plan;
        }
        finally
        {
            share.Gate.Release();
        }
    }

    /// <summary>Asks the other nodes to hand back what does not count there. What they say of when more will be free; null when they were not asked.</summary>
    public Task<IReadOnlyCollection<string>?> AskOthersAsync(LimitScope scope, long tokens) =>
        _questions.AskAsync(string.Create(CultureInfo.InvariantCulture, $"{scope.Share!.Name} {tokens}"));

    /// <summary>A round of what is done every second: takes what requests have grown by, and lets go what ended nodes had.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken = default)
    {
        if (!MayTake)
        {
            return;
        }

        try
        {
            var term = _lease.Term;
            if (term != _coveredTerm)
            {
                // What still counts from an earlier term may have been given to others: they learn of it.
                foreach (var scope in _all())
                {
                    CoverLater(scope);
                }

                _coveredTerm = term;
            }

            foreach (var (scope, _) in _outgrown)
            {
                _outgrown.TryRemove(scope, out _);
                if (scope.Share!.HasRow)
                {
                    await TakeAsync(scope, scope.Share.Judged, []);
                }
            }

            await _ended.ClearAsync(cancellationToken);
            _fails = false;
        }
        catch (StorageException failure)
        {
            Note(failure);
        }
    }

    /// <summary>Hands back shares in which nothing counts.</summary>
    public Task HandBackUnusedAsync() => HandBackAsync(_all().Where(scope => scope.IsUnused(Clock)), wait: false);

    /// <summary>Hands back everything that does not count; at the end of the program.</summary>
    public Task HandBackAllAsync() => HandBackAsync(_all(), wait: true);

    /// <summary>Tells once that taking or handing back fails, until it works again.</summary>
    public void Note(StorageException failure)
    {
        if (!_fails)
        {
            _fails = true;
            LogFails(failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _questions.Dispose();

    private async Task HandBackAsync(IEnumerable<LimitScope> scopes, bool wait)
    {
        try
        {
            foreach (var some in scopes.Chunk(MostAtOnce))
            {
                await HandBackOnceAsync(some, wait);
            }
        }
        catch (StorageException failure)
        {
            // Memory knows of less than the database then, and tries again.
            Note(failure);
        }
    }

    private async Task HandBackOnceAsync(LimitScope[] scopes, bool wait)
    {
        var entered = new List<NodeShare>();
        try
        {
            var left = new List<ShareLeft>();
            foreach (var scope in scopes)
            {
                if (scope.Share is { HasRow: true } share && await share.Gate.WaitAsync(wait ? Timeout.Infinite : 0))
                {
                    entered.Add(share);
                    if (scope.LowerShare(Clock) is { } part)
                    {
                        left.Add(part);
                    }
                }
            }

            if (left.Count > 0)
            {
                await _store.HandBackAsync(left);
                left.ForEach(static part => part.Scope.HandedBackShare(part));
            }
        }
        finally
        {
            entered.ForEach(static share => share.Gate.Release());
        }
    }

    private async Task<string> AnswerAsync(string about)
    {
        var parts = about.Split(' ');
        if (parts.Length != 3 || !ScopeName.TryRead(parts[0], parts[1], out var name) || _find(name) is not { } scope
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var tokens))
        {
            return "";
        }

        await HandBackAsync([scope], wait: true);
        return scope.WaitsFor(tokens, Clock);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Shares of rate limits could not be taken or handed back; it is tried again.")]
    private partial void LogFails(Exception failure);
}

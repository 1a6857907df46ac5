using System.Collections.Concurrent;
using System.Globalization;
using Fairlead.Ledger.Holds;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger.Leases;

/// <summary>
/// What this node has reserved for itself where several share the database: taken when it is needed (<see cref="ReservationDesk"/>), handed back when another node
/// asks for it, when it was not used for some seconds, and at the end. Thread-safe.
/// <code>
/// node A: too little ──► reserve ──► still too little ──► "return 17" ──► node B: hands idle parts back ──► answers ──► A: reserve again
/// </code>
/// </summary>
internal sealed partial class Reservations : IAsyncDisposable
{
    /// <summary>Asks for what nodes do not use of an account.</summary>
    public const string Return = "ledger-return";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Looks that find an account unused before what is reserved of it is handed back.</summary>
    private const int LooksUntilHandedBack = 5;

    private readonly Database _database;
    private readonly NodeLease _lease;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Func<long, AccountFunds?> _find;
    private readonly Func<IEnumerable<AccountFunds>> _all;
    private readonly Func<int> _today;
    private readonly Func<bool> _isAway;
    private readonly LeaseStore _store;
    private readonly ConcurrentDictionary<long, ReservationDesk> _desks = new();
    private readonly NodeQuestions _questions;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sweeping;
    private bool _fails;

    /// <param name="database">PostgreSQL.</param>
    /// <param name="lease">This node.</param>
    /// <param name="clock">Time.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="find">An account this node knows.</param>
    /// <param name="all">All of them.</param>
    /// <param name="today">The UTC day.</param>
    /// <param name="isAway">Whether the database was not reached: it is not asked then, for a question without an answer would leave the account in doubt.</param>
    public Reservations(
        Database database, NodeLease lease, TimeProvider clock, ILogger logger, Func<long, AccountFunds?> find, Func<IEnumerable<AccountFunds>> all, Func<int> today,
        Func<bool> isAway)
    {
        (_database, _lease, _clock, _logger, _find, _all, _today, _isAway) = (database, lease, clock, logger, find, all, today, isAway);
        _store = new(database, lease);
        _questions = new(lease, clock, Return, AnswerAsync, Note);
        _sweeping = SweepAsync(_stop.Token);
    }

    /// <summary>Whether this node may reserve, and promise, more now.</summary>
    public bool MayPromise => _lease.IsValid && !_isAway();

    /// <summary>Waits until it is covered, or refused.</summary>
    public Task<HoldOutcome> AskAsync(AccountFunds funds, Want want) =>
        _desks.GetOrAdd(funds.AccountId, static (_, it) => new ReservationDesk(it.All, it.Funds), (All: this, Funds: funds)).AskAsync(want);

    /// <summary>Reserves for those who wait and takes it into memory.</summary>
    public async Task<ReservePlan> ReserveAsync(AccountFunds funds, List<Want> wants)
    {
        await funds.LeaseGate.WaitAsync();
        try
        {
            if (!IsKnown(funds))
            {
                throw new StorageException(StorageFailure.Unreachable, "Charges of the account wait in the journal for the database; until they are settled nothing more is reserved.");
            }

            var today = _today();
            var keys = wants.Where(static want => want.Limit is not null).GroupBy(static want => want.Key)
                .Select(group => funds.Ask(group.Key, group.Last().Limit!.Value, today)).ToList();
            try
            {
                var plan = await _store.ReserveAsync(funds.AccountId, funds.InHand, keys, wants);
                funds.Grant(plan, keys);
                return plan;
            }
            catch
            {
                // What was given up of keys, or reserved, may have been written.
                funds.Doubt();
                throw;
            }
        }
        finally
        {
            funds.LeaseGate.Release();
        }
    }

    /// <summary>
    /// Asks the other nodes for what they do not use of an account, and waits until they have handed it back. False when there is nobody to ask, or they were just asked
    /// in vain.
    /// </summary>
    public async Task<bool> AskOthersAsync(long accountId) => await _questions.AskAsync(accountId.ToString(CultureInfo.InvariantCulture)) is not null;

    /// <summary>Hands back what this node does not use of an account.</summary>
    public async Task HandBackAsync(long accountId)
    {
        try
        {
            if (_find(accountId) is { } funds)
            {
                await HandBackAsync([funds], wait: true);
            }
        }
        catch (StorageException failure)
        {
            Note(failure);
        }
    }

    /// <summary>Tells once that reserving or handing back fails, until it works again.</summary>
    public void Note(StorageException failure)
    {
        if (!_fails)
        {
            _fails = true;
            LogFails(failure);
        }
    }

    /// <summary>Hands everything back that is promised to nobody, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sweeping;
        _questions.Dispose();
        try
        {
            await HandBackAsync([.. _all()], wait: true);
        }
        catch (StorageException failure)
        {
            // It stays reserved until this node starts again.
            LogNotHandedBack(failure);
        }

        _stop.Dispose();
    }

    private async Task SweepAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await Task.Delay(BetweenLooks, _clock, stop);
                if (MayPromise)
                {
                    await SweepOnceAsync();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task SweepOnceAsync()
    {
        try
        {
            var unused = new List<AccountFunds>();
            foreach (var funds in _all())
            {
                funds.UnusedLooks = funds.TakeTouched() ? 0 : funds.UnusedLooks + 1;
                if (funds.UnusedLooks >= LooksUntilHandedBack || funds.InDoubt)
                {
                    unused.Add(funds);
                }
            }

            await HandBackAsync(unused, wait: false);
            _fails = false;
        }
        catch (StorageException failure)
        {
            Note(failure);
        }
    }

    private async Task HandBackAsync(List<AccountFunds> accounts, bool wait)
    {
        var entered = new List<AccountFunds>();
        var parts = new List<IdlePart>();
        try
        {
            // In one order, so that no two hold what the other waits for.
            foreach (var funds in accounts.OrderBy(static funds => funds.AccountId))
            {
                if (!await funds.LeaseGate.WaitAsync(wait ? Timeout.Infinite : 0))
                {
                    continue;
                }

                entered.Add(funds);
                if (!IsKnown(funds))
                {
                    continue;
                }

                if (funds.TakeIdle() is { IsNothing: false } part)
                {
                    parts.Add(part);
                }
            }

            if (parts.Count > 0)
            {
                await _store.HandBackAsync(parts);
            }
        }
        catch
        {
            parts.ForEach(static part => part.Funds.Doubt());
            throw;
        }
        finally
        {
            entered.ForEach(static funds => funds.LeaseGate.Release());
        }
    }

    /// <summary>
    /// Compares memory with the rows where they may differ. False where that has to wait: a charge in the journal may be among the rows or not. Under the write
    /// lease, which settling the journal takes as well.
    /// </summary>
    private bool IsKnown(AccountFunds funds) => !funds.InDoubt || _database.ReadAtWriter(
        connection =>
        {
            if (funds.HasKept)
            {
                return false;
            }

            var (account, keys) = _store.Read(connection, funds.AccountId);
            funds.SetReserved(account, keys);
            return true;
        },
        "reading what is reserved");

    private async Task<string> AnswerAsync(string about)
    {
        if (long.TryParse(about, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            await HandBackAsync(id);
        }

        return "";
    }

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Credits could not be reserved or handed back; it is tried again.")]
    private partial void LogFails(Exception failure);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "What this node has reserved could not be handed back; it stays reserved until the node starts again.")]
    private partial void LogNotHandedBack(Exception failure);
}

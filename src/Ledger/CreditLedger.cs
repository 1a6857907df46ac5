using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Journal;
using Fairlead.Ledger.Leases;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.Recovery;
using Fairlead.Ledger.Settlement;
using Fairlead.Storage;
using Fairlead.Storage.Changes;
using Fairlead.Storage.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fairlead.Ledger;

/// <summary>
/// Every account's money: holds before, charges after, postings besides. Hold → settle or release; nothing else moves a customer's balance. Thread-safe.
/// <code>
/// TryHoldAsync ─► Hold ─► TryGrowAsync … ─► SettleAsync   charged, durable, recorded
///                                        └► Dispose       nothing charged
/// </code>
/// Guarantees are invariants M1–M6 of <c>docs/ledger.md</c>.
/// </summary>
public sealed partial class CreditLedger(
    Database database, NodeLease lease, TimeProvider clock, ILogger<CreditLedger> logger, IOptions<LedgerOptions> options)
    : IHostedService, IForeignChangeListener
{
    private const long MsPerDay = 86_400_000;

    /// <summary>Balances read in one query.</summary>
    private const int ReadAtOnce = 500;

    private readonly ConcurrentDictionary<long, AccountFunds> _accounts = new();
    private SettlementWriter? _writer;

    /// <summary>Null where one node has the database to itself.</summary>
    private Reservations? _reservations;

    /// <summary>Null likewise, and where no folder is named for it.</summary>
    private ChargeJournal? _journal;

    /// <summary>How the writer is doing; all zero before the start.</summary>
    public WriterStatus Status => _writer?.Status ?? default;

    /// <summary>
    /// Takes the node's lease, settles what its journal holds, resolves what a crash left behind and starts settling. The host calls it; a command that only posts or reads need not. Only one
    /// process may have started the ledger of an SQLite file: the server's lock on its data folder sees to that.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_writer is not null)
        {
            return;
        }

        await lease.StartAsync(cancellationToken);
        var (journal, refused) = await SettleJournalAsync(cancellationToken);
        var (boot, resolved) = await database.WriteAsync(
            (connection, transaction) => IntentRecovery.BeginRunAsync(connection, transaction, lease.NodeId, clock.GetUtcNow()),
            "resolving requests of the last run", cancellationToken: cancellationToken);
        if (resolved > 0)
        {
            LogResolved(resolved);
        }

        _reservations = lease.IsAlone
            ? null
            : new(
                database, lease, clock, logger, id => _accounts.GetValueOrDefault(id), () => _accounts.Values, Today, () => _journal is { IsAway: true });
        var run = new LedgerRun(boot, lease.NodeId, lease.Run);
        _journal = journal is null ? null : new(database, lease, clock, logger, run, journal, refused, options.Value.JournalBytes);
        var store = SettlementStores.Open(database, run, clock.GetUtcNow(), journal is null ? null : PatienceWithTheDatabase);
        _writer = new SettlementWriter(database, store, _journal, logger);
    }

    /// <summary>Commits every settlement that waits, then takes no more, and hands back what the node has reserved.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_writer is not null)
        {
            await _writer.StopAsync().WaitAsync(cancellationToken);
        }

        if (_journal is { } journal)
        {
            _journal = null;
            await journal.DisposeAsync();
        }

        if (_reservations is { } reservations)
        {
            _reservations = null;
            await reservations.DisposeAsync();
        }
    }

    /// <summary>
    /// Sets credits aside, or says which limit refuses and how much it would allow. Reads memory and completes at once where the node has enough in hand (on
    /// SQLite: always); only the first request of an account or key after the start reads the database (and may throw <see cref="StorageException"/>).
    /// </summary>
    public ValueTask<HoldOutcome> TryHoldAsync(in HoldRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Amount.PicoDollars);
        var writer = Writer;
        if (!lease.IsValid || _journal is { IsFull: true })
        {
            return new(HoldOutcome.Unavailable);
        }

        var funds = Funds(request.AccountId);
        var now = NowMs();
        var key = Key(funds, request.KeyId, now);
        var outcome = funds.TryHold(this, key, request, (int)(now / MsPerDay), now);
        if (outcome.Granted)
        {
            writer.Opened(outcome.Hold);
            return new(outcome);
        }

        return _reservations is null ? new(outcome) : ReserveAndHoldAsync(_reservations, funds, key, request);
    }

    /// <summary>
    /// Ends the hold, charges what <paramref name="generation"/> cost as far as hold, balance and key allow (the rest is the operator's overrun), and
    /// records the generation with it, in one transaction. Completes when that is durable; await it once. Idempotent by the generation's id: a second call
    /// charges nothing and returns the first cost. Needs no caller waiting: it always runs to its end.
    /// </summary>
    /// <returns>What was charged: the cost to show. The stored generation has it as its cost.</returns>
    /// <exception cref="StorageException">
    /// It could not be made durable. Nothing was charged, the hold is released, and the answer's end must not be delivered.
    /// </exception>
    public ValueTask<Credits> SettleAsync(Hold hold, Generation generation)
    {
        CheckAmounts(generation);
        if (generation.AccountId != hold.AccountId || generation.KeyId != hold.KeyId || generation.Id != hold.GenerationId)
        {
            throw new ArgumentException($"Generation {generation.Id} does not belong to the hold for {hold.GenerationId}.", nameof(generation));
        }

        return hold.Funds.Lacks(hold, generation.Cost.PicoDollars, Today()) is > 0 and var lacks && _reservations is { MayPromise: true } reservations
            ? ReserveAndSettleAsync(reservations, hold, generation, lacks)
            : Settle(hold, generation);
    }

    private ValueTask<Credits> Settle(Hold hold, Generation generation)
    {
        var now = NowMs();
        var due = generation.Cost.PicoDollars;
        var byok = generation.IsByok ? generation.UpstreamCost.PicoDollars : 0;
        var (charged, ofKeyLease, day, ended) = hold.Funds.Charge(hold, due, byok, (int)(now / MsPerDay));
        return Writer.Settle(new PendingSettlement
        {
            Generation = generation,
            Charged = charged,
            OfKeyLease = ofKeyLease,
            Overrun = due - charged,
            Day = day,
            SettledAtMs = now,
            Hold = hold,
            EndsHold = ended,
        });
    }

    /// <summary>Records a generation that costs nothing and had no hold. Completes when durable; recording an id again changes nothing.</summary>
    /// <exception cref="StorageException">It could not be made durable.</exception>
    public async ValueTask RecordAsync(Generation generation)
    {
        CheckAmounts(generation);
        if (generation.Cost != Credits.Zero)
        {
            throw new ArgumentException($"Generation {generation.Id} costs {generation.Cost} and needs a hold to be charged.", nameof(generation));
        }

        var now = NowMs();
        await Writer.Settle(new PendingSettlement { Generation = generation, Day = (int)(now / MsPerDay), SettledAtMs = now });
    }

    /// <summary>An account's money now.</summary>
    public AccountBalance Balance(long accountId) => Funds(accountId).Snapshot();

    /// <summary>What a key has spent, by the windows of now.</summary>
    public KeyUsage Usage(long accountId, long keyId)
    {
        var funds = Funds(accountId);
        var now = NowMs();
        return funds.Snapshot(Key(funds, keyId, now), (int)(now / MsPerDay));
    }

    /// <summary>
    /// Moves credits in or out of an account, once per idempotency key. Never takes what open holds have set aside. Works without
    /// <see cref="StartAsync"/>. Throws <see cref="ArgumentException"/> for an amount whose sign does not fit the kind.
    /// </summary>
    public async Task<PostingOutcome> PostAsync(Posting posting, CancellationToken cancellationToken = default)
    {
        var withdrawal = -Math.Min(0, PostingStore.Delta(posting));
        var funds = Funds(posting.AccountId);
        if (!lease.IsAlone)
        {
            return await PostSharedAsync(posting, withdrawal, funds, cancellationToken);
        }

        if (!funds.TryReserve(withdrawal))
        {
            return new(PostingResult.InsufficientBalance, null, funds.Snapshot().Balance);
        }

        try
        {
            return (await WritePostingAsync(posting, funds, cancellationToken)).Outcome;
        }
        finally
        {
            funds.Unreserve(withdrawal);
        }
    }

    /// <summary>
    /// As <see cref="PostAsync"/>, in the transaction of a caller that makes the account: both happen or neither. Only for an account nobody can have asked
    /// for yet.
    /// </summary>
    public async Task<PostingOutcome> PostWithinAsync(DbConnection connection, DbTransaction transaction, Posting posting)
    {
        var (outcome, _) = await PostingStore.WriteAsync(connection, transaction, posting, clock.GetUtcNow());
        return outcome;
    }

    /// <summary>Another process posted: balances in memory are read again.</summary>
    public Task OnForeignChangeAsync(CancellationToken cancellationToken)
    {
        foreach (var some in _accounts.Values.Chunk(ReadAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            database.ReadAtWriter(
                connection =>
                {
                    var rows = PostingStore.FindRows(connection, some.Select(static funds => funds.AccountId));
                    foreach (var funds in some)
                    {
                        funds.Load(rows.GetValueOrDefault(funds.AccountId));
                    }

                    return true;
                },
                "reading balances");
        }

        return Task.CompletedTask;
    }

    internal ValueTask<bool> TryGrowAsync(Hold hold, Credits by)
    {
        if (hold.Funds.TryGrow(hold, by.PicoDollars, Today()))
        {
            return new(true);
        }

        return _reservations is { MayPromise: true } reservations && hold.Open ? ReserveAndGrowAsync(reservations, hold, by.PicoDollars) : new(false);
    }

    internal int Today() => (int)(NowMs() / MsPerDay);

    internal void Release(Hold hold)
    {
        if (hold.Funds.Release(hold))
        {
            Writer.Released(hold);
        }
    }

    private SettlementWriter Writer => _writer ?? throw new InvalidOperationException("The ledger has not been started.");

    private long NowMs() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private AccountFunds Funds(long accountId) => _accounts.TryGetValue(accountId, out var funds) ? funds : LoadFunds(accountId);

    /// <summary>At the writer: whatever commits later also updates memory.</summary>
    private AccountFunds LoadFunds(long accountId) => database.ReadAtWriter(
        connection => _accounts.GetOrAdd(
            accountId,
            static (id, reader) =>
            {
                var funds = new AccountFunds(id, reader.IsPostgreSql());
                funds.Load(PostingStore.FindRow(reader, id));
                return funds;
            },
            connection),
        "reading a balance");

    private KeySpend Key(AccountFunds funds, long keyId, long nowMs) => funds.FindKey(keyId) ?? LoadKey(funds, keyId, (int)(nowMs / MsPerDay));

    private KeySpend LoadKey(AccountFunds funds, long keyId, int today) => database.ReadAtWriter(
        connection =>
        {
            if (funds.FindKey(keyId) is { } known)
            {
                return known;
            }

            var key = new KeySpend(keyId);
            foreach (var (day, usage, byok) in connection.Query<(long, long, long)>(
                "SELECT day, usage, byok_usage FROM key_usage_daily WHERE key_id = @keyId ORDER BY day", new { keyId }))
            {
                key.MoveTo((int)day);
                key.Add((int)day, usage, byok);
            }

            key.MoveTo(today);
            return funds.AddKey(key);
        },
        "reading a key's usage");

    private static void CheckAmounts(Generation generation)
    {
        if (generation.Cost.IsNegative || generation.UpstreamCost.IsNegative)
        {
            throw new ArgumentOutOfRangeException(nameof(generation), $"Generation {generation.Id} has a negative cost.");
        }
    }

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning,
        Message = "The last run ended with {Count} requests in flight; they are recorded as cancelled and cost nothing.")]
    private partial void LogResolved(int count);
}

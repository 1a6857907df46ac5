using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.Recovery;
using Fairlead.Ledger.Settlement;
using Fairlead.Storage;
using Fairlead.Storage.Changes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fairlead.Ledger;

/// <summary>
/// Every account's money: holds before, charges after, postings besides. Hold → settle or release; nothing else moves a customer's balance. Thread-safe.
/// <code>
/// TryHold ─► Hold ─► TryGrow … ─► SettleAsync   charged, durable, recorded
///                              └► Dispose       nothing charged
/// </code>
/// Guarantees are invariants M1–M6 of <c>docs/ledger.md</c>.
/// </summary>
public sealed partial class CreditLedger(Database database, NodeId node, TimeProvider clock, ILogger<CreditLedger> logger)
    : IHostedService, IForeignChangeListener
{
    private const long MsPerDay = 86_400_000;

    private readonly ConcurrentDictionary<long, AccountFunds> _accounts = new();
    private SettlementWriter? _writer;

    /// <summary>How the writer is doing; all zero before the start.</summary>
    public WriterStatus Status => _writer?.Status ?? default;

    /// <summary>
    /// Resolves what a crash left behind and starts settling. The host calls it; a command that only posts or reads need not. Only one process may have
    /// started the ledger of a database: the server's lock on its data folder sees to that.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_writer is not null)
        {
            return;
        }

        var (run, resolved) = await database.WriteAsync(
            (connection, transaction) => IntentRecovery.BeginRunAsync(connection, transaction, node, clock.GetUtcNow()),
            "resolving requests of the last run", cancellationToken: cancellationToken);
        if (resolved > 0)
        {
            LogResolved(resolved);
        }

        _writer = new SettlementWriter(database, SettlementStores.Open(database, run, clock.GetUtcNow()), logger);
    }

    /// <summary>Commits every settlement that waits, then takes no more.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _writer?.StopAsync().WaitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>
    /// Sets credits aside, or says which limit refuses and how much it would allow. Reads memory; only the first request of an account or key after the
    /// start reads the database (and may throw <see cref="StorageException"/>).
    /// </summary>
    public HoldOutcome TryHold(in HoldRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Amount.PicoDollars);
        var writer = Writer;
        var funds = Funds(request.AccountId);
        var now = NowMs();
        var outcome = funds.TryHold(this, Key(funds, request.KeyId, now), request, (int)(now / MsPerDay), now);
        if (outcome.Granted)
        {
            writer.Opened(outcome.Hold);
        }

        return outcome;
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

        var now = NowMs();
        var due = generation.Cost.PicoDollars;
        var byok = generation.IsByok ? generation.UpstreamCost.PicoDollars : 0;
        var (charged, day, ended) = hold.Funds.Charge(hold, due, byok, (int)(now / MsPerDay));
        return Writer.Settle(new PendingSettlement
        {
            Generation = generation,
            Charged = charged,
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
        if (!funds.TryReserve(withdrawal))
        {
            return new(PostingResult.InsufficientBalance, null, funds.Snapshot().Balance);
        }

        try
        {
            var (outcome, _) = await database.WriteAsync(
                (connection, transaction) => PostingStore.WriteAsync(connection, transaction, posting, clock.GetUtcNow()),
                "posting credits",
                // Still under the write lease, so no charge commits between the row and memory.
                written => funds.Load(written.Row),
                cancellationToken);
            return outcome;
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
        foreach (var funds in _accounts.Values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            database.ReadAtWriter(
                connection =>
                {
                    funds.Load(PostingStore.FindRow(connection, funds.AccountId));
                    return true;
                },
                "reading a balance");
        }

        return Task.CompletedTask;
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
                var funds = new AccountFunds(id);
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

using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Leases;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.RollUps;
using Fairlead.Storage;

namespace Fairlead.Ledger;

/// <summary>What takes longer where several nodes share the database: reserving more than is in hand, and asking others for what they do not use.</summary>
public sealed partial class CreditLedger
{
    /// <summary>How often nodes are asked to hand back what stands in the way of a withdrawal.</summary>
    private const int MostQuestions = 4;

    private static readonly TimeSpan AfterAQuestion = TimeSpan.FromMilliseconds(300);

    /// <summary>An account's money now, by the database where several nodes charge it.</summary>
    public ValueTask<AccountBalance> BalanceAsync(long accountId) => lease.IsAlone ? new(Balance(accountId)) : ReadBalanceAsync(accountId);

    /// <summary>What a key has spent, by the windows of now; by the database where several nodes charge it.</summary>
    public ValueTask<KeyUsage> UsageAsync(long accountId, long keyId) => lease.IsAlone ? new(Usage(accountId, keyId)) : ReadUsageAsync(keyId);

    private async ValueTask<KeyUsage> ReadUsageAsync(long keyId) => (await new KeyUsageStore(database, clock).ReadAsync([keyId])).GetValueOrDefault(keyId);

    /// <summary>
    /// Gives up a node that does not run any more: its requests in flight are recorded as cancelled, and what it had reserved is free. Works without
    /// <see cref="StartAsync"/>. Takes as long as a lease lasts. Throws <see cref="StorageException"/>.
    /// </summary>
    public Task<NodeReleaseOutcome> ReleaseNodeAsync(string node, CancellationToken cancellationToken = default) => lease.IsAlone
        ? Task.FromResult(new NodeReleaseOutcome(NodeReleaseResult.Alone, 0, Credits.Zero, ""))
        : NodeRelease.RunAsync(database, clock, node, cancellationToken);

    private async ValueTask<AccountBalance> ReadBalanceAsync(long accountId)
    {
        var here = Balance(accountId);
        var row = await database.ReadAsync(connection => Task.FromResult(PostingStore.FindRow(connection, accountId)), "reading a balance");
        return here with { TotalCredits = new(row.Credited), TotalUsage = new(row.Used), TotalPurchased = new(row.Purchased) };
    }

    private async ValueTask<HoldOutcome> ReserveAndHoldAsync(Reservations reservations, AccountFunds funds, KeySpend key, HoldRequest request)
    {
        var outcome = await reservations.AskAsync(funds, new(key, request.KeyLimit, request.Amount.PicoDollars, () =>
        {
            var now = NowMs();
            return funds.TryHold(this, key, request, (int)(now / MsPerDay), now);
        }));
        if (outcome.Granted)
        {
            Writer.Opened(outcome.Hold);
        }

        return outcome;
    }

    private static async ValueTask<bool> ReserveAndGrowAsync(Reservations reservations, Hold hold, long by)
    {
        var outcome = await reservations.AskAsync(hold.Funds, Growth(hold, by));
        return outcome.Granted;
    }

    /// <summary>An answer that cost more than was held for it: charged as far as the account has credits, wherever they are.</summary>
    private async ValueTask<Credits> ReserveAndSettleAsync(Reservations reservations, Hold hold, Generation generation, long lacks)
    {
        // Held for until it is charged, so that nobody takes it meanwhile. What the account does not have is reserved as far as it goes.
        var outcome = await reservations.AskAsync(hold.Funds, Growth(hold, lacks));
        if (!outcome.Granted && outcome.Available > Credits.Zero)
        {
            await reservations.AskAsync(hold.Funds, Growth(hold, Math.Min(lacks, outcome.Available.PicoDollars)));
        }

        return await Settle(hold, generation);
    }

    private static Want Growth(Hold hold, long by) => new(hold.Key, hold.Limit, by, () => hold.TryGrow(by) ? new(hold) : default, hold);

    private async Task<PostingOutcome> PostSharedAsync(Posting posting, long withdrawal, AccountFunds funds, CancellationToken cancellationToken)
    {
        for (var question = 1; ; question++)
        {
            var (outcome, row) = await WritePostingAsync(posting, funds, cancellationToken);
            if (outcome.Result is not PostingResult.InsufficientBalance || row.Credited - row.Used < withdrawal || question > MostQuestions)
            {
                return outcome;
            }

            // Enough is there and nodes have reserved it: what they do not use is handed back.
            if (_reservations is { } reservations)
            {
                await reservations.HandBackAsync(posting.AccountId);
            }

            await lease.SendAsync(Reservations.Return, posting.AccountId.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellationToken);
            await Task.Delay(AfterAQuestion, clock, cancellationToken);
        }
    }

    private Task<(PostingOutcome Outcome, LedgerRow Row)> WritePostingAsync(Posting posting, AccountFunds funds, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => PostingStore.WriteAsync(connection, transaction, posting, clock.GetUtcNow()),
        "posting credits",
        // Still under the write lease, so no charge commits between the row and memory.
        written => funds.Load(written.Row),
        cancellationToken);
}

using System.Runtime.InteropServices;
using Fairlead.Ledger.Postings;

namespace Fairlead.Ledger.Settlement;

/// <summary>What a batch adds up to: entries per account, usage per key and day, activity per hour. Kept and cleared between batches.</summary>
internal sealed class SettlementTotals
{
    public Dictionary<long, long> Entries { get; } = [];

    public Dictionary<(long KeyId, int Day), KeyTotal> Keys { get; } = [];

    public Dictionary<ActivityKey, ActivityTotal> Activity { get; } = [];

    /// <summary>What is drawn from this node's leases of keys.</summary>
    public Dictionary<long, long> KeyLeases { get; } = [];

    public void Clear()
    {
        Entries.Clear();
        Keys.Clear();
        Activity.Clear();
        KeyLeases.Clear();
    }

    /// <summary>
    /// The entries of one charge, which sum to zero: the customer pays the charge and the operator the overrun; the provider gets its price (unless the
    /// caller's own key pays it) and fees what is left, negative where the operator bears the cost.
    /// </summary>
    public void AddEntries(PendingSettlement settlement, in MonthAccounts month)
    {
        var provider = settlement.Generation.IsByok ? 0 : settlement.Generation.UpstreamCost.PicoDollars;
        AddEntry(settlement.Generation.AccountId, -settlement.Charged);
        AddEntry(month.Overrun, -settlement.Overrun);
        AddEntry(month.ProviderCost, provider);
        AddEntry(month.Fees, checked(settlement.Charged + settlement.Overrun - provider));
    }

    public void AddRollUps(PendingSettlement settlement)
    {
        var generation = settlement.Generation;
        ref var key = ref CollectionsMarshal.GetValueRefOrAddDefault(Keys, (generation.KeyId, settlement.Day), out _);
        key.Usage = checked(key.Usage + settlement.Charged);
        key.Byok = checked(key.Byok + settlement.ByokCost);
        key.Requests++;

        var name = new ActivityKey(
            generation.AccountId, settlement.SettledAtMs / 3_600_000, generation.KeyId, generation.ModelPermaslug, generation.EndpointId ?? "",
            generation.Model, generation.ProviderName ?? "");
        ref var activity = ref CollectionsMarshal.GetValueRefOrAddDefault(Activity, name, out _);
        activity.Usage = checked(activity.Usage + settlement.Charged);
        activity.Byok = checked(activity.Byok + settlement.ByokCost);
        activity.Requests++;
        activity.PromptTokens += generation.NativeTokensPrompt;
        activity.CompletionTokens += generation.NativeTokensCompletion;
        activity.ReasoningTokens += generation.NativeTokensReasoning;
    }

    /// <summary>What a charge draws from this node's leases: the account's part is its entry.</summary>
    public void AddLeases(PendingSettlement settlement)
    {
        if (settlement.OfKeyLease != 0)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(KeyLeases, settlement.Generation.KeyId, out _);
            sum = checked(sum + settlement.OfKeyLease);
        }
    }

    private void AddEntry(long account, long amount)
    {
        if (amount != 0)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(Entries, account, out _);
            sum = checked(sum + amount);
        }
    }
}

/// <summary>One key's spend in a batch.</summary>
internal struct KeyTotal
{
    public long Usage;
    public long Byok;
    public long Requests;
}

/// <summary>A row of <c>activity_hourly</c>.</summary>
internal readonly record struct ActivityKey(
    long AccountId, long Hour, long KeyId, string ModelPermaslug, string EndpointId, string Model, string ProviderName);

/// <summary>What a batch adds to it.</summary>
internal struct ActivityTotal
{
    public long Requests;
    public long PromptTokens;
    public long CompletionTokens;
    public long ReasoningTokens;
    public long Usage;
    public long Byok;
}

/// <summary>The platform's accounts of the current month.</summary>
internal readonly record struct MonthAccounts(long ProviderCost, long Fees, long Overrun)
{
    /// <summary>Those of the month of a moment, in Unix milliseconds.</summary>
    public static MonthAccounts Of(long atMs)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(atMs);
        return new(
            LedgerAccountId.Of(PlatformAccount.ProviderCost, at), LedgerAccountId.Of(PlatformAccount.Fees, at),
            LedgerAccountId.Of(PlatformAccount.Overrun, at));
    }
}

using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Settlement;

namespace Fairlead.Ledger.Holds;

/// <summary>
/// Credits set aside for one request. Ends by <see cref="CreditLedger.SettleAsync"/> or by <see cref="Dispose"/>, whichever comes first; after either,
/// the other does nothing. Thread-safe.
/// </summary>
public sealed class Hold : IDisposable
{
    private readonly CreditLedger _ledger;

    internal Hold(CreditLedger ledger, AccountFunds funds, KeySpend key, in HoldRequest request, long createdAtMs)
    {
        _ledger = ledger;
        Funds = funds;
        Key = key;
        GenerationId = request.GenerationId;
        KeyId = request.KeyId;
        Limit = request.KeyLimit;
        Model = request.Model ?? "";
        ApiType = request.ApiType ?? ApiTypes.Completions;
        Reserved = request.Amount.PicoDollars;
        CreatedAtMs = createdAtMs;
    }

    /// <summary>The generation it is for.</summary>
    public string GenerationId { get; }

    /// <summary>The account that pays.</summary>
    public long AccountId => Funds.AccountId;

    /// <summary>The key used.</summary>
    public long KeyId { get; }

    /// <summary>What is set aside now; zero once settled or released.</summary>
    public Credits Amount => Funds.ReservedBy(this);

    internal AccountFunds Funds { get; }

    internal KeySpend Key { get; }

    internal KeyLimit? Limit { get; }

    internal string Model { get; }

    internal string ApiType { get; }

    internal long CreatedAtMs { get; }

    /// <summary>Guarded by the lock of <see cref="Funds"/>.</summary>
    internal long Reserved { get; set; }

    /// <summary>Guarded by the lock of <see cref="Funds"/>: false once settled or released.</summary>
    internal bool Open { get; set; } = true;

    /// <summary>The key's limit is shared by several nodes, and the hold set aside what this one reserved of it.</summary>
    internal bool DrawsOnKeyLease { get; init; }

    /// <summary>Guarded by the lock of the settlement writer.</summary>
    internal IntentState Intent { get; set; }

    /// <summary>Guarded likewise: when the intent was queued.</summary>
    internal long QueuedAt { get; set; }

    /// <summary>Guarded likewise: the row of the intent once written.</summary>
    internal long IntentRow { get; set; }

    internal bool TryGrow(long by) => Funds.TryGrow(this, by, _ledger.Today());

    /// <summary>
    /// Sets aside <paramref name="by"/> more. False, and nothing changed, when account or key do not allow it or the hold has ended. Completes at once where this
    /// node has enough in hand.
    /// </summary>
    public ValueTask<bool> TryGrowAsync(Credits by)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(by.PicoDollars);
        return _ledger.TryGrowAsync(this, by);
    }

    /// <summary>Gives <paramref name="by"/> back before the end, at most what is set aside: the rest of the request costs less. Nothing where the hold has ended.</summary>
    public void Shrink(Credits by)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(by.PicoDollars);
        Funds.Shrink(this, by.PicoDollars);
    }

    /// <summary>Gives back what was set aside and not settled.</summary>
    public void Dispose() => _ledger.Release(this);
}

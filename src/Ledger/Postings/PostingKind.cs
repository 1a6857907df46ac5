namespace Fairlead.Ledger.Postings;

/// <summary>Why credits moved (platform P29). Stored: values are frozen and may only grow.</summary>
public enum PostingKind
{
    /// <summary>Charges of one settlement batch.</summary>
    Usage = 1,
    /// <summary>Credits bought.</summary>
    Purchase = 2,
    /// <summary>Bought credits given back.</summary>
    Refund = 3,
    /// <summary>Credits given: the welcome or bootstrap amount, a promotion.</summary>
    Grant = 4,
    /// <summary>The operator's posting (<c>credits add</c>), either sign; counts as purchased.</summary>
    Adjustment = 5,
    /// <summary>Credits that ran out of time.</summary>
    Expiry = 6,
}

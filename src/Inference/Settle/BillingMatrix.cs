using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Settle;

/// <summary>Which tokens a caller pays for.</summary>
internal enum Bill
{
    /// <summary>Nothing: tokens are recorded, the cost is zero.</summary>
    Nothing,
    /// <summary>What the provider reported.</summary>
    Reported,
    /// <summary>Our own count of prompt and emitted text.</summary>
    OwnCount,
}

/// <summary>
/// Who pays for what, once an endpoint has answered (architecture §3). Attempts that failed before an answer, moderation refusals and a gateway
/// killed mid-answer never come here: they cost nothing.
/// </summary>
internal static class BillingMatrix
{
    /// <param name="failed">The answer broke after the commit point.</param>
    /// <param name="finish">Normalised finish.</param>
    /// <param name="completionTokens">Completion tokens by the report, or by our own count where there is none.</param>
    /// <param name="reportUsable">The provider reported usage that passes the check of invariant M6.</param>
    public static Bill Decide(bool failed, FinishReason finish, long completionTokens, bool reportUsable)
    {
        if (failed || finish == FinishReason.Error)
            return Bill.Nothing;
        if (completionTokens == 0 && finish == FinishReason.None)
            return Bill.Nothing;
        return reportUsable ? Bill.Reported : Bill.OwnCount;
    }
}

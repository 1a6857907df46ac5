namespace Fairlead.Ledger.Postings;

/// <summary>The platform's own side of every posting. One account per kind and month, so that none outgrows its integer. Stored: values are frozen.</summary>
internal enum PlatformAccount
{
    /// <summary>What providers charge us.</summary>
    ProviderCost = 1,
    /// <summary>What callers paid beyond the providers' price; negative where we bore it.</summary>
    Fees = 2,
    /// <summary>Credits given away or expired.</summary>
    Promotions = 3,
    /// <summary>Credits sold.</summary>
    Payments = 4,
    /// <summary>What answers cost beyond hold and balance, borne by the operator (inference I-63).</summary>
    Overrun = 5,
    /// <summary>The operator's corrections.</summary>
    Adjustments = 6,
}

/// <summary>Numbers of ledger accounts: customers are positive (the account's own id), the platform's are negative and say kind and month.</summary>
internal static class LedgerAccountId
{
    /// <summary>For example −20261105: overrun of November 2026.</summary>
    public static long Of(PlatformAccount kind, DateTimeOffset utc) => -((((utc.UtcDateTime.Year * 100L) + utc.UtcDateTime.Month) * 100) + (int)kind);

    public static bool IsCustomer(long id) => id > 0;
}

namespace Fairlead.Ledger.Holds;

/// <summary>What a key has spent (platform contract §7.1). Amounts of the current UTC day, ISO week and month are as of the moment of asking.</summary>
public readonly record struct KeyUsage(
    Credits Total, Credits Daily, Credits Weekly, Credits Monthly, Credits ByokTotal, Credits ByokDaily, Credits ByokWeekly, Credits ByokMonthly)
{
    /// <summary>What counts against <paramref name="limit"/>.</summary>
    public Credits CountedBy(KeyLimit limit)
    {
        var (usage, byok) = limit.Window switch
        {
            UsageWindow.Daily => (Daily, ByokDaily),
            UsageWindow.Weekly => (Weekly, ByokWeekly),
            UsageWindow.Monthly => (Monthly, ByokMonthly),
            _ => (Total, ByokTotal),
        };
        return limit.IncludeByok ? usage + byok : usage;
    }

    /// <summary><c>limit_remaining</c>: never below zero (platform P26).</summary>
    public Credits RemainingOf(KeyLimit limit) => Credits.Max(Credits.Zero, limit.Amount - CountedBy(limit));
}

namespace Fairlead.Accounts.Limits.Shares;

/// <summary>What a node asks of limits it shares with others.</summary>
/// <param name="limits">The limits.</param>
/// <param name="counted">What counts on this node, or is held there for requests that are about to.</param>
/// <param name="keep">What it has, at least what counts.</param>
/// <param name="needs">What those who wait need beyond what counts, in order.</param>
internal sealed class ShareAsk(RateAmounts limits, RateAmounts counted, RateAmounts keep, IReadOnlyList<RateAmounts> needs)
{
    private readonly RateAmounts _limits = limits;
    private readonly RateAmounts _counted = counted;
    private readonly RateAmounts _keep = keep;

    public ref readonly RateAmounts Limits => ref _limits;

    public ref readonly RateAmounts Counted => ref _counted;

    public ref readonly RateAmounts Keep => ref _keep;

    public IReadOnlyList<RateAmounts> Needs => needs;

    /// <summary>The term of the node's lease in which it asks.</summary>
    public required long Term { get; init; }

    /// <summary>The UTC day that is counted; only for free models.</summary>
    public required long Day { get; init; }

    /// <summary>What the database has of it; null where that is not known.</summary>
    public required ShareRow? Row { get; init; }

    /// <summary>Whether the database has it so already.</summary>
    public bool IsWritten(in RateAmounts own) => Row is { } row && row.Amounts.Equal(own) && (row.Day == Day || own[(int)RateDimension.DailyRequests] == 0);
}

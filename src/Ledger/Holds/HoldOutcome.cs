using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Ledger.Holds;

/// <summary>Why a hold was refused.</summary>
public enum HoldRefusal
{
    /// <summary>It was granted.</summary>
    None = 0,
    /// <summary>The account has not enough free credits: 402.</summary>
    AccountBalance = 1,
    /// <summary>
    /// The key's limit leaves not enough: 403 when nothing is left (<see cref="HoldOutcome.Available"/> is zero), else 402 (platform P27,
    /// P32).
    /// </summary>
    KeyLimit = 2,
    /// <summary>Several nodes share the database, and this one may promise nothing now, or could not reserve more: 503.</summary>
    Unavailable = 3,
}

/// <summary>A hold, or which limit refused it.</summary>
public readonly record struct HoldOutcome
{
    internal HoldOutcome(Hold hold) => Hold = hold;

    /// <summary>This node may promise nothing.</summary>
    internal static HoldOutcome Unavailable => new(HoldRefusal.Unavailable, Credits.Zero, UsageWindow.Total);

    internal HoldOutcome(HoldRefusal refusal, Credits available, UsageWindow window)
    {
        Refusal = refusal;
        Available = available;
        Window = window;
    }

    /// <summary>The hold; null when refused.</summary>
    public Hold? Hold { get; }

    /// <summary>Which limit refused it.</summary>
    public HoldRefusal Refusal { get; }

    /// <summary>When refused: the largest amount that would have been granted at that moment.</summary>
    public Credits Available { get; }

    /// <summary>When the key's limit refused: the window it counts, for the message.</summary>
    public UsageWindow Window { get; }

    /// <summary>Whether it was granted.</summary>
    [MemberNotNullWhen(true, nameof(Hold))]
    public bool Granted => Hold is not null;
}

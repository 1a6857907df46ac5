using Fairlead.Accounts.Limits;

namespace Fairlead.Accounts.Settings;

/// <summary>What an account decided about itself. Immutable; a change replaces it.</summary>
public sealed record AccountSettings
{
    /// <summary>Every setting at its default.</summary>
    public static AccountSettings Default { get; } = new();

    /// <summary>What all keys of the account together may do per minute and at once. Default: no limit.</summary>
    public RateLimits RateLimits { get; init; }
}

using Fairlead.Ledger;

namespace Fairlead.Accounts.Bootstrap;

/// <summary>What the <c>FAIRLEAD_BOOTSTRAP_*</c> variables say about the first account. Applied only while the database has no account.</summary>
public sealed record BootstrapValues
{
    /// <summary>Its key; null makes a random one that is returned once.</summary>
    public string? Key { get; init; }
    /// <summary>Its credits; null is 100 US dollars.</summary>
    public Credits? Credits { get; init; }
    /// <summary>Its management key; null makes none.</summary>
    public string? ProvisioningKey { get; init; }
    /// <summary>Its e-mail address, for signing in.</summary>
    public string? Email { get; init; }
    /// <summary>Its password, for signing in; stored only as a hash.</summary>
    public string? Password { get; init; }
}

/// <summary>What happened at the first start; secrets in it exist nowhere else and are shown once.</summary>
/// <param name="Account">The first account.</param>
/// <param name="Created">True when this start made it.</param>
/// <param name="GeneratedKey">The random key made for it; null when it existed or its key was given.</param>
/// <param name="SetupToken">The one-time token for setting up sign-in; null when it existed or e-mail and password were given.</param>
public sealed record BootstrapOutcome(Account Account, bool Created, string? GeneratedKey, string? SetupToken);

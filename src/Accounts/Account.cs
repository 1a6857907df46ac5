namespace Fairlead.Accounts;

/// <summary>Someone who pays.</summary>
public sealed record Account
{
    /// <summary>Row id; the ledger's account id too.</summary>
    public required long Id { get; init; }
    /// <summary><c>user_…</c></summary>
    public required string PublicId { get; init; }
    /// <summary>Shown to people.</summary>
    public required string Name { get; init; }
    /// <summary>For signing in; null is none.</summary>
    public string? Email { get; init; }
    /// <summary>Runs this instance (platform P25).</summary>
    public bool IsOperator { get; init; }
    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

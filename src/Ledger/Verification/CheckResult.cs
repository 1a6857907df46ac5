namespace Fairlead.Ledger.Verification;

/// <summary>What one check of <c>ledger verify</c> found.</summary>
/// <param name="Name">The invariant, M1 to M6, <c>file</c>, <c>cost</c> or <c>journal</c>.</param>
/// <param name="Claim">What holds when nothing is found.</param>
/// <param name="Looked">How many rows were looked at.</param>
/// <param name="Broken">What is wrong and where; null when nothing is.</param>
public sealed record CheckResult(string Name, string Claim, long Looked, string? Broken)
{
    /// <summary>Whether the claim holds.</summary>
    public bool Holds => Broken is null;

    /// <summary>The line that is printed.</summary>
    public override string ToString() => Broken is null ? $"ok      {Name,-4} {Claim} ({Looked} checked)" : $"BROKEN  {Name,-4} {Claim}: {Broken}";
}

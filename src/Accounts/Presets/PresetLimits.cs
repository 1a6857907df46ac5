namespace Fairlead.Accounts.Presets;

/// <summary>How much an account may keep: what is in use is in every node's memory.</summary>
public static class PresetLimits
{
    /// <summary>Presets of one account.</summary>
    public const int Presets = 200;
    /// <summary>Versions of one preset: the next one takes the place of the oldest.</summary>
    public const int Versions = 100;
    /// <summary>Bytes of one version: configuration and system prompt together.</summary>
    public const int Bytes = 64 * 1024;

    private const int LongestSlug = 64;

    /// <summary>1 to 64 of <c>a-z</c>, <c>0-9</c> and <c>-</c> (P42).</summary>
    public static bool IsSlug(string text) =>
        text.Length is > 0 and <= LongestSlug && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}

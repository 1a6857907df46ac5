using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>How a model generation is told how much to think (providers contract §6.3).</summary>
internal enum ThinkingControl
{
    /// <summary>It does not think, or cannot be told.</summary>
    None,
    /// <summary><c>thinkingBudget</c></summary>
    Budget,
    /// <summary><c>thinkingLevel</c></summary>
    Level,
}

/// <summary>Facts about one generation of Gemini models.</summary>
/// <param name="Name">The beginning of the model's name.</param>
/// <param name="Thinking">How thinking is controlled.</param>
/// <param name="CanBeOff">Thinking can be switched off, or nearly (level <c>minimal</c>).</param>
/// <param name="SmallestBudget">Least <c>thinkingBudget</c> beside 0.</param>
/// <param name="LargestBudget">Most <c>thinkingBudget</c>.</param>
/// <param name="Levels">Levels taken.</param>
/// <param name="JsonSchema">Takes plain JSON Schema (<c>responseJsonSchema</c>, <c>parametersJsonSchema</c>).</param>
/// <param name="Signed">Refuses a history whose calls lack their thought signature.</param>
/// <param name="JsonWithTools">JSON output and tools go together.</param>
/// <param name="WebFiles">Fetches public addresses itself.</param>
/// <param name="Penalties">Takes presence and frequency penalties.</param>
/// <param name="SignsParts">Refuses a history whose texts and images of its own lack their thought signature.</param>
internal sealed record GeminiModel(
    string Name, ThinkingControl Thinking, bool CanBeOff, int SmallestBudget, int LargestBudget, IReadOnlyList<string> Levels,
    bool JsonSchema, bool Signed, bool JsonWithTools, bool WebFiles, bool Penalties, bool SignsParts = false);

/// <summary>
/// Gemini generations by name. Source: the vendor's thinking, thought-signatures, structured-output and file-input pages as of 2026-08 (providers
/// contract §6.2, §6.3, §6.7).
/// </summary>
internal static class GeminiModels
{
    private static readonly IReadOnlyList<string> NoLevels = [];
    private static readonly IReadOnlyList<string> FlashLevels = ["minimal", "low", "medium", "high"];

    // Other authors' and older models on the same surface (Gemma, 2.0, 1.5): the smallest common set.
    private static readonly GeminiModel Plain = new("", ThinkingControl.None, true, 0, 0, NoLevels, false, false, false, false, true);

    // The first beginning that fits decides: longer ones stand first.
    private static readonly GeminiModel[] Generations =
    [
        new("gemini-2.5-flash-image", ThinkingControl.None, true, 0, 0, NoLevels, true, false, false, false, false),
        new("gemini-2.5-flash-lite", ThinkingControl.Budget, true, 512, 24_576, NoLevels, true, false, false, false, false),
        new("gemini-2.5-flash", ThinkingControl.Budget, true, 1, 24_576, NoLevels, true, false, false, false, false),
        new("gemini-2.5", ThinkingControl.Budget, false, 128, 32_768, NoLevels, true, false, false, false, false),
        new("gemini-3-pro-image", ThinkingControl.None, false, 0, 0, NoLevels, true, true, true, true, false, SignsParts: true),
        new("gemini-3-pro", ThinkingControl.Level, false, 0, 0, ["low", "high"], true, true, true, true, false),
        new("gemini-3.1-pro", ThinkingControl.Level, false, 0, 0, ["low", "medium", "high"], true, true, true, true, false),
    ];

    private static readonly GeminiModel ThreeImage = new("gemini-3 image", ThinkingControl.Level, true, 0, 0, ["minimal", "high"], true, true, true, true, false, SignsParts: true);
    private static readonly GeminiModel ThreePro = new("gemini-3 pro", ThinkingControl.Level, false, 0, 0, ["low", "medium", "high"], true, true, true, true, false);
    private static readonly GeminiModel ThreeFlash = new("gemini-3 flash", ThinkingControl.Level, true, 0, 0, FlashLevels, true, true, true, true, false);

    /// <summary>The generation of a target: by the provider's name of the model, else by its public slug.</summary>
    public static GeminiModel For(UpstreamTarget target) => Find(target.Model) ?? Find(target.Slug) ?? Plain;

    private static GeminiModel? Find(string name)
    {
        var start = name.IndexOf("gemini-", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return null;
        var plain = name[start..].ToLowerInvariant();
        if (Array.Find(Generations, g => plain.StartsWith(g.Name, StringComparison.Ordinal)) is { } listed)
            return listed;
        // From 3 on the kind decides, not the number: later numbers have kept the kind's rules so far.
        if (plain.Length <= 7 || plain[7] is < '3' or > '9')
            return null;
        return plain.Contains("image", StringComparison.Ordinal) ? ThreeImage : plain.Contains("pro", StringComparison.Ordinal) ? ThreePro : ThreeFlash;
    }
}

namespace Fairlead.Protocols.Canonical;

/// <summary>The plugins of the contract (routing §11.1). Which of them this version runs is Prepare's matter.</summary>
public static class PluginIds
{
    private static readonly string[] Ids =
    [
        "web", "file-parser", "response-healing", "moderation", "context-compression", "web-fetch", "auto-router", "auto-beta-router",
        "pareto-router", "fusion",
    ];

    /// <summary>Their ids.</summary>
    public static ReadOnlySpan<string> Known => Ids;
}

using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Plugins;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Routers.Auto;

/// <summary>What the request's entry <c>{"id":"auto-router", …}</c> in <c>plugins</c>, else the account's, says about the choice (routing §8), checked.</summary>
internal sealed record AutoSettings
{
    private const string PluginId = "auto-router";
    private const int MostPatterns = 1024;
    private const int LongestPattern = 1024;
    private const int MostCharacters = 65_536;

    private static readonly string[] Tiers = ["low", "medium", "high", "xhigh", "max"];

    /// <summary>Nothing was said.</summary>
    public static AutoSettings Default { get; } = new();

    /// <summary>Only models of these patterns; empty for any.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];
    /// <summary>None of these, whatever is allowed.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];
    /// <summary>The fifth of the prices to stay in, 0 (cheapest) to 4; null without a wish.</summary>
    public int? CostTier { get; init; }
    /// <summary>0 (all but the dearest tenth) to 10 (the cheapest tenth); null without a wish.</summary>
    public int? CostQualityTradeoff { get; init; }
    /// <summary>Go on with the model of the last assistant message.</summary>
    public bool PinModel { get; init; }

    /// <summary>What is said, or what is wrong with it.</summary>
    public static Outcome<AutoSettings> Of(CanonicalRequest request, AccountSettings account)
    {
        if (PluginChoice.Of(PluginId, request, account) is not { IsOn: true } choice)
            return Default;
        var options = choice.Options(PluginId);
        var settings = new AutoSettings
        {
            Allowed = options.Texts("allowed_models", MostPatterns, LongestPattern),
            Excluded = options.Texts("excluded_models", MostPatterns, LongestPattern),
            CostTier = options.Word("cost_tier", Tiers) is { } tier ? Array.IndexOf(Tiers, tier) : null,
            CostQualityTradeoff = options.Whole("cost_quality_tradeoff", 0, 10),
            PinModel = options.Flag("pin_model") ?? false,
        };
        return (options.Error ?? Wrong("allowed_models", settings.Allowed) ?? Wrong("excluded_models", settings.Excluded)) is { } error ? error : settings;
    }

    private static GatewayError? Wrong(string name, IReadOnlyList<string> patterns)
    {
        var characters = 0;
        foreach (var pattern in patterns)
        {
            characters += pattern.Length;
            if (!ModelPattern.IsOne(pattern))
                return GatewayError.Invalid($"plugins.{PluginId}.{name} must hold slugs, author/*, author/prefix* or */prefix*.", $"plugins.{PluginId}.{name}");
        }

        return characters <= MostCharacters
            ? null
            : GatewayError.Invalid($"plugins.{PluginId}.{name} may have at most {MostCharacters} characters together.", $"plugins.{PluginId}.{name}");
    }
}

using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Ollama;

/// <summary>The <c>think</c> member of a request: a switch, or a level for models whose levels are known (providers contract §10.1).</summary>
/// <param name="Enabled">Null: nothing is said, and the model does what it does.</param>
/// <param name="Level">How hard; null: not said.</param>
internal readonly record struct OllamaThink(bool? Enabled, string? Level)
{
    /// <summary>Decides for one request. Budgets have no counterpart: they only switch thinking on.</summary>
    public static (OllamaThink Think, GatewayError? Error) For(ReasoningOptions? reasoning, UpstreamTarget target)
    {
        if (!target.Supported.HasFlag(ParameterSet.Reasoning))
            return (default, null);
        if (ReasoningEffort.IsOff(reasoning))
            return target.ReasoningMandatory ? (default, ReasoningEffort.CannotBeOff(target.Slug)) : (new OllamaThink(false, null), null);
        if (!ReasoningEffort.IsOn(reasoning))
            return (default, null);
        return (new OllamaThink(true, reasoning!.Effort is { } effort && target.ReasoningEfforts.Count > 0 ? Named(ReasoningEffort.Nearest(effort, target.ReasoningEfforts)) : null), null);
    }

    public void Write(Utf8JsonWriter writer)
    {
        if (Level is not null)
            writer.WriteString("think"u8, Level);
        else if (Enabled is { } enabled)
            writer.WriteBoolean("think"u8, enabled);
    }

    private static string Named(string effort) => effort switch
    {
        "minimal" => "low",
        "xhigh" => "max",
        _ => effort,
    };
}

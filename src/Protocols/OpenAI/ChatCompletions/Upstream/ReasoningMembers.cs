using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Asks a host for reasoning in the form its endpoint record names (providers §4.4, P-07; inference §7).</summary>
internal static class ReasoningMembers
{
    // What hosts without a list are known to take.
    private static readonly string[] CommonEfforts = ["low", "medium", "high"];

    /// <summary>Why what was asked cannot be had here; null when it can.</summary>
    public static GatewayError? Check(RequestContext context)
    {
        var target = context.Target;
        var reasoning = context.Request.Reasoning;
        if (target.ReasoningForm == ReasoningForm.None)
            return null;
        if (ReasoningEffort.IsOff(reasoning))
            return target.ReasoningMandatory ? ReasoningEffort.CannotBeOff(target.Slug) : null;
        return target.ReasoningForm == ReasoningForm.EnableThinking && reasoning?.MaxTokens is { } budget && context.Request.MaxTokens is { } most
            ? ReasoningEffort.CheckRoom(budget, most)
            : null;
    }

    /// <summary>Writes the members, nothing when the caller said nothing.</summary>
    public static void Write(RequestContext context, PassedNames passed, ref JsonOutput output)
    {
        var target = context.Target;
        var reasoning = context.Request.Reasoning;
        var off = ReasoningEffort.IsOff(reasoning);
        if (reasoning is null || (!off && !ReasoningEffort.IsOn(reasoning)))
            return;
        switch (target.ReasoningForm)
        {
            case ReasoningForm.Effort:
                WriteEffort(context, off, ref output);
                break;
            case ReasoningForm.ReasoningObject:
                output.Name("reasoning"u8);
                output.BeginObject();
                output.Name("enabled"u8);
                output.Boolean(!off);
                if (!off && target.ReasoningEfforts.Count > 0)
                {
                    output.Name("effort"u8);
                    output.String(Effort(context));
                }
                output.EndObject();
                break;
            case ReasoningForm.ThinkingType:
                output.Member("thinking"u8, off ? """{"type":"disabled"}"""u8 : """{"type":"enabled"}"""u8);
                if (!off && context.Quirks.EffortBesideThinking && target.ReasoningEfforts.Count > 0 && (reasoning.Effort ?? (object?)reasoning.MaxTokens) is not null)
                    WriteEffort(context, off: false, ref output);
                break;
            case ReasoningForm.EnableThinking:
                WriteEnableThinking(context, off, ref output);
                break;
            case ReasoningForm.ChatTemplateKwargs when !passed.Contains("chat_template_kwargs"):
                // Templates differ in the word: Qwen's is enable_thinking, DeepSeek's thinking; each ignores the other.
                output.Member("chat_template_kwargs"u8, off ? """{"enable_thinking":false,"thinking":false}"""u8 : """{"enable_thinking":true,"thinking":true}"""u8);
                break;
            case ReasoningForm.ChatTemplateArgs when !passed.Contains("chat_template_args"):
                output.Member("chat_template_args"u8, off ? """{"enable_thinking":false}"""u8 : """{"enable_thinking":true}"""u8);
                break;
        }
    }

    /// <summary>The effort to ask for; null where the host has no word for "off", and a model that thinks by default then does.</summary>
    public static string? EffortWord(RequestContext context, bool off)
    {
        var target = context.Target;
        if (context.Quirks.DefaultEffortPrefix is { } prefix && (target.Slug.StartsWith(prefix, StringComparison.Ordinal) || target.Model.StartsWith(prefix, StringComparison.Ordinal)))
            return off ? "none" : "default";
        if (!off)
            return Effort(context);
        if (target.ReasoningEfforts.Count > 0)
            return target.ReasoningEfforts.Contains("none") || context.Family.ThinksOptionally ? "none" : null;
        return context.Family.ThinksOptionally || (context.Quirks.EffortNone && !context.Family.IsReasoning && !AlwaysThinks(target)) ? "none" : null;
    }

    // The open models of OpenAI refuse the word wherever they are served (§4.3).
    private static bool AlwaysThinks(UpstreamTarget target) =>
        target.Model.Contains("gpt-oss", StringComparison.OrdinalIgnoreCase) || target.Slug.Contains("gpt-oss", StringComparison.Ordinal);

    private static void WriteEffort(RequestContext context, bool off, ref JsonOutput output)
    {
        if (EffortWord(context, off) is not { } effort)
            return;
        output.Name("reasoning_effort"u8);
        output.String(effort);
    }

    // I-35: an effort-style endpoint goes by the effort; I-38: a budget alone is turned into one.
    private static string Effort(RequestContext context)
    {
        var reasoning = context.Request.Reasoning!;
        var asked = reasoning.Effort
            ?? (reasoning.MaxTokens is { } budget && (context.MaxTokens ?? context.Target.MaxCompletionTokens) is { } room ? ReasoningEffort.FromBudget(budget, room) : "medium");
        return ReasoningEffort.Nearest(asked, context.Target.ReasoningEfforts.Count > 0 ? context.Target.ReasoningEfforts : CommonEfforts);
    }

    // I-35: a budget-style endpoint goes by the budget, else by the effort's share of the output (§7.2, I-36).
    private static void WriteEnableThinking(RequestContext context, bool off, ref JsonOutput output)
    {
        output.Name("enable_thinking"u8);
        output.Boolean(!off);
        if (off)
            return;
        var reasoning = context.Request.Reasoning!;
        var budget = reasoning.MaxTokens
            ?? (reasoning.Effort is { } effort && (context.MaxTokens ?? context.Target.MaxCompletionTokens) is { } room ? (int)(room * ReasoningEffort.Ratio(effort)) : null as int?);
        if (budget is { } tokens)
        {
            output.Name("thinking_budget"u8);
            output.Number((long)Math.Clamp(tokens, context.Quirks.ThinkingBudget.Least, context.Quirks.ThinkingBudget.Most));
        }
    }
}

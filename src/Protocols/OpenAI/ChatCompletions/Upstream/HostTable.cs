using System.Collections.Frozen;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// The facts about hosts that endpoints alone do not tell, by provider slug. From the providers contract (sections named in each row), state of
/// August 2026. What differs per model is in the endpoint record, not here.
/// </summary>
internal static class HostTable
{
    private static readonly HostQuirks Lenient = new() { Source = "§4.1, §4.2: vLLM-like hosts ignore what they do not know (2026-08)" };

    private static readonly FrozenDictionary<string, HostQuirks> Rows = new Dictionary<string, HostQuirks>(StringComparer.Ordinal)
    {
        ["openai"] = new()
        {
            Source = "§3.1, §4.2 (2026-08)",
            EffortNone = false,
            Obfuscates = true,
            StrictSchemas = SchemaSubsets.OpenAIStrict,
            MostStops = 4,
            LongestToolId = 40,
            RefusesUnknown = true,
            PromptCacheKey = true,
            CacheBreakpoints = true,
            DeveloperRole = true,
            MessageNames = true,
            Base64Embeddings = true,
            UserMembers = ["safety_identifier", "prompt_cache_key"],
            // flex, priority and their like cost another price than the endpoint record says (routing §15).
            ServiceTiers = ["auto", "default", "scale"],
        },
        ["azure"] = new()
        {
            Source = "§3.1, §8 (2026-08)",
            StrictSchemas = SchemaSubsets.OpenAIStrict,
            MostStops = 4,
            EffortNone = false,
            Base64Embeddings = true,
            LongestToolId = 40,
            RefusesUnknown = true,
            DeveloperRole = true,
            MessageNames = true,
        },
        ["groq"] = new()
        {
            Source = "§4.2, §4.3 (2026-08)",
            StrictSchemas = SchemaSubsets.GroqStrict,
            MostStops = 4,
            RefusesUnknown = true,
            ReasoningBack = ReasoningBack.Reasoning,
            ServiceTiers = ["auto", "on_demand"],
            Extra =
            [
                new("qwen/", "reasoning_format", "\"parsed\"", "\"hidden\"", OnlyReasoning: true),
                new("deepseek/", "reasoning_format", "\"parsed\"", "\"hidden\"", OnlyReasoning: true),
            ],
            DefaultEffortPrefix = "qwen/",
        },
        ["cerebras"] = new() { Source = "§4.2, §4.3 (2026-08)", StrictSchemas = SchemaSubsets.CerebrasStrict, RefusesUnknown = true, WantsMaxCompletionTokens = true, EffortNone = false },
        ["mistral"] = new()
        {
            Source = "§4.2, §4.3, §2.5, §2.6 (2026-08)",
            DocumentParts = true,
            TextToolResults = false,
            EffortNone = false,
            StreamOptions = false,
            SeedName = "random_seed",
            UnsignedSeed = true,
            KnowsRefusals = false,
            WantsToolParameters = true,
            ToolChoiceRequired = "any",
            NineCharacterToolIds = true,
            MaxTemperature = 1.5m,
            RefusesUnknown = true,
            PromptCacheKey = true,
            MarksPrefill = true,
            EmbeddingLength = "output_dimension",
            UserMembers = [],
        },
        ["deepseek"] = new()
        {
            Source = "§4.3, §4.4 (2026-08): reasoning must come back within a tool loop",
            ReasoningBack = ReasoningBack.ReasoningContent,
            EffortBesideThinking = true,
        },
        ["moonshotai"] = new() { Source = "§4.1, §4.4 (2026-08)", ReasoningBack = ReasoningBack.ReasoningContent, PromptCacheKey = true },
        ["z-ai"] = new() { Source = "§4.1, §4.4 (2026-08)", ReasoningBack = ReasoningBack.ReasoningContent },
        ["xiaomi"] = new() { Source = "§4.1, §4.4 (2026-08)", ReasoningBack = ReasoningBack.ReasoningContent },
        ["xai"] = new() { Source = "§4.3 (2026-08)", StrictSchemas = SchemaSubsets.XaiSchema, AlwaysStrict = true, WantsMaxCompletionTokens = true, EffortNone = false },
        ["perplexity"] = new() { Source = "§4.3 (2026-08)", StreamOptions = false, StrictAlternation = true, UserMembers = [], EffortNone = false },
        ["alibaba"] = new() { Source = "§4.3, §4.4 (2026-08)", CacheControl = true, ReasoningBack = ReasoningBack.ReasoningContent },
        ["together"] = new() { Source = "§4.1 (2026-08)", IntegerLogprobs = true, EffortNone = false },
        ["siliconflow"] = new() { Source = "§4.1 (2026-08)", ThinkingBudget = (128, 32768) },
        ["minimax"] = new() { Source = "§4.1, §4.3 (2026-08)", Extra = [new("", "reasoning_split", "true")] },
        ["fireworks"] = new() { Source = "§4.1 (2026-08): reasoning_effort and thinking are exclusive", ReasoningBack = ReasoningBack.ReasoningContent },
        ["voyageai"] = new() { Source = "§11 (2026-08): embeddings only", EmbeddingLength = "output_dimension", UserMembers = [] },
        ["venice"] = new()
        {
            Source = "§4.1 (2026-08): its own system prompt is on by default",
            Extra = [new("", "venice_parameters", """{"include_venice_system_prompt":false}""")],
        },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Mistral's models on Vertex keep their rule about ids, not the words of their author's own API.
    private static readonly HostQuirks MistralOnVertex = Lenient with { Source = "§2.5 (2026-08)", NineCharacterToolIds = true };

    /// <summary>Every row, for tests that walk the table.</summary>
    public static IReadOnlyDictionary<string, HostQuirks> All => Rows;

    /// <summary>The row of an endpoint's host: a platform's own whatever the provider is called, else the provider's.</summary>
    public static HostQuirks Of(UpstreamTarget target) => target.Host switch
    {
        CloudHost.Azure => Of("azure"),
        CloudHost.Vertex when target.Model.StartsWith("mistralai/", StringComparison.Ordinal) => MistralOnVertex,
        _ => Of(target.Provider),
    };

    /// <summary>The row of a provider, or that of a lenient host.</summary>
    public static HostQuirks Of(string provider) => Rows.GetValueOrDefault(provider, Lenient);
}

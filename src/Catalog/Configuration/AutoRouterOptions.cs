namespace Fairlead.Catalog.Configuration;

/// <summary>
/// <c>inference.auto_router</c>: what <c>openrouter/auto</c> chooses from (routing §8, R-28). One list of model patterns per kind of task, best first; a
/// pattern is a slug, <c>author/*</c>, <c>author/prefix*</c>, <c>*/prefix*</c>, or <c>*</c> for every other model.
/// </summary>
public sealed record AutoRouterOptions
{
    /// <summary>Everything at its default.</summary>
    public static AutoRouterOptions Default { get; } = new();

    /// <summary><c>chat</c>: what is none of the others.</summary>
    public IReadOnlyList<string> Chat { get; init; } = AutoRouterLists.Chat;
    /// <summary><c>code</c>: programs.</summary>
    public IReadOnlyList<string> Code { get; init; } = AutoRouterLists.Code;
    /// <summary><c>math</c>: calculation and proof.</summary>
    public IReadOnlyList<string> Math { get; init; } = AutoRouterLists.Math;
    /// <summary><c>long_context</c>: prompts from <see cref="LongContextTokens"/> on.</summary>
    public IReadOnlyList<string> LongContext { get; init; } = AutoRouterLists.LongContext;
    /// <summary><c>vision</c>: pictures and film.</summary>
    public IReadOnlyList<string> Vision { get; init; } = AutoRouterLists.Vision;
    /// <summary><c>tools</c>: requests with tools.</summary>
    public IReadOnlyList<string> Tools { get; init; } = AutoRouterLists.Tools;
    /// <summary><c>fallbacks</c>: models after the first that are tried when it fails. Default 3, 0 to 20.</summary>
    public int Fallbacks { get; init; } = 3;
    /// <summary><c>long_context_tokens</c>: estimated prompt tokens from which a request is one of long context. Default 32,000, 1,000 to 10,000,000.</summary>
    public int LongContextTokens { get; init; } = 32_000;
    /// <summary>
    /// <c>cost_quality_tradeoff</c> for requests that say nothing about cost: 0 keeps all but the dearest tenth of the list, 10 its cheapest tenth. Default
    /// none: the list is followed as it is.
    /// </summary>
    public int? CostQualityTradeoff { get; init; }

    /// <summary>The lists an operator wrote.</summary>
    internal IEnumerable<(string Task, IReadOnlyList<string> Patterns)> Lists => new (string, IReadOnlyList<string> Patterns, string[] Shipped)[]
    {
        ("chat", Chat, AutoRouterLists.Chat), ("code", Code, AutoRouterLists.Code), ("math", Math, AutoRouterLists.Math),
        ("long_context", LongContext, AutoRouterLists.LongContext), ("vision", Vision, AutoRouterLists.Vision), ("tools", Tools, AutoRouterLists.Tools),
    }.Where(static list => !ReferenceEquals(list.Patterns, list.Shipped)).Select(static list => (list.Item1, list.Patterns));
}

/// <summary>The lists that come with the program, of models of the shipped catalog: an opinion of its date, made to be replaced.</summary>
internal static class AutoRouterLists
{
    public static readonly string[] Chat =
    [
        "anthropic/claude-sonnet-5", "openai/gpt-5.6-sol", "google/gemini-3.1-pro-preview", "x-ai/grok-4.5", "moonshotai/kimi-k3", "qwen/qwen3.8-max", "z-ai/glm-5.2",
        "deepseek/deepseek-v4-flash-0731", "mistralai/mistral-medium-3-5", "google/gemini-3.6-flash", "anthropic/claude-haiku-4.5", "openai/gpt-5.6-luna", "minimax/minimax-m3",
        "meta-llama/llama-3.3-70b-instruct", "openai/gpt-oss-120b", "*",
    ];

    public static readonly string[] Code =
    [
        "anthropic/claude-opus-5", "openai/gpt-5.3-codex", "anthropic/claude-sonnet-5", "openai/gpt-5.6-sol", "moonshotai/kimi-k2.7-code", "google/gemini-3.1-pro-preview",
        "z-ai/glm-5.2", "deepseek/deepseek-v4-pro", "qwen/qwen3.8-max", "x-ai/grok-build-0.1", "minimax/minimax-m3", "mistralai/codestral-2508", "qwen/qwen3-coder-next",
        "deepseek/deepseek-v4-flash-0731", "openai/gpt-oss-120b", "*",
    ];

    public static readonly string[] Math =
    [
        "openai/gpt-5.6-sol", "google/gemini-3.1-pro-preview", "anthropic/claude-opus-5", "deepseek/deepseek-v4-pro", "qwen/qwen3.8-max", "x-ai/grok-4.5", "moonshotai/kimi-k3",
        "z-ai/glm-5.2", "qwen/qwen3-235b-a22b-thinking-2507", "deepseek/deepseek-v4-flash-0731", "openai/o4-mini", "openai/gpt-oss-120b", "*",
    ];

    public static readonly string[] LongContext =
    [
        "google/gemini-3.1-pro-preview", "anthropic/claude-sonnet-5", "openai/gpt-5.6-sol", "google/gemini-3.6-flash", "qwen/qwen3.7-plus", "x-ai/grok-4.20", "moonshotai/kimi-k3",
        "minimax/minimax-m3", "deepseek/deepseek-v4-flash-0731", "google/gemini-3.5-flash-lite", "openai/gpt-5.6-luna", "meta-llama/llama-4-maverick", "*",
    ];

    public static readonly string[] Vision =
    [
        "google/gemini-3.1-pro-preview", "anthropic/claude-sonnet-5", "openai/gpt-5.6-sol", "google/gemini-3.6-flash", "qwen/qwen3-vl-235b-a22b-instruct", "moonshotai/kimi-k3",
        "x-ai/grok-4.5", "qwen/qwen3.7-plus", "z-ai/glm-4.6v", "openai/gpt-5.6-luna", "anthropic/claude-haiku-4.5", "mistralai/mistral-medium-3-5", "google/gemma-4-31b-it",
        "meta-llama/llama-4-maverick", "*",
    ];

    public static readonly string[] Tools =
    [
        "anthropic/claude-sonnet-5", "openai/gpt-5.6-sol", "anthropic/claude-opus-5", "z-ai/glm-5.2", "moonshotai/kimi-k3", "google/gemini-3.1-pro-preview", "x-ai/grok-4.5",
        "qwen/qwen3.8-max", "minimax/minimax-m3", "deepseek/deepseek-v4-flash-0731", "google/gemini-3.6-flash", "anthropic/claude-haiku-4.5", "openai/gpt-5.6-luna",
        "mistralai/mistral-medium-3-5", "openai/gpt-oss-120b", "*",
    ];
}

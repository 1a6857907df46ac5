namespace Fairlead.Protocols.Canonical;

/// <summary>The wire format a provider speaks (operator contract, <c>protocol</c>). <c>vertex</c> and <c>azure-openai</c> are no formats of their own: their endpoints speak the format of their models' authors.</summary>
public enum UpstreamProtocol
{
    /// <summary><c>openai-chat</c></summary>
    OpenAIChat,
    /// <summary><c>anthropic-messages</c></summary>
    AnthropicMessages,
    /// <summary><c>gemini</c></summary>
    Gemini,
    /// <summary><c>openai-responses</c></summary>
    OpenAIResponses,
    /// <summary><c>vertex</c></summary>
    Vertex,
    /// <summary><c>bedrock</c></summary>
    Bedrock,
    /// <summary><c>azure-openai</c></summary>
    AzureOpenAI,
    /// <summary><c>cohere</c></summary>
    Cohere,
    /// <summary><c>ollama</c></summary>
    Ollama,
    /// <summary>A family we list but never dispatch.</summary>
    Other,
}

/// <summary>A platform that serves models of others in their authors' format, with small differences.</summary>
public enum CloudHost
{
    /// <summary>None: the author, or a server that speaks the same.</summary>
    None,
    /// <summary>Google Vertex AI.</summary>
    Vertex,
    /// <summary>Amazon Bedrock.</summary>
    Bedrock,
    /// <summary>Azure OpenAI and Azure AI Foundry.</summary>
    Azure,
}

/// <summary>How a host is asked for reasoning (providers contract §4.4, P-07). Named by the endpoint record, never guessed from a host name.</summary>
public enum ReasoningForm
{
    /// <summary>Nothing is sent.</summary>
    None,
    /// <summary><c>reasoning_effort</c></summary>
    Effort,
    /// <summary><c>reasoning: {…}</c></summary>
    ReasoningObject,
    /// <summary><c>thinking: {type}</c></summary>
    ThinkingType,
    /// <summary><c>enable_thinking</c> with <c>thinking_budget</c></summary>
    EnableThinking,
    /// <summary><c>chat_template_kwargs: {enable_thinking}</c></summary>
    ChatTemplateKwargs,
    /// <summary><c>chat_template_args: {enable_thinking}</c></summary>
    ChatTemplateArgs,
}

/// <summary>What the request writer of a dialect needs to know about the endpoint it writes for. Built once per endpoint by the catalog.</summary>
public sealed record UpstreamTarget
{
    /// <summary>The wire format.</summary>
    public required UpstreamProtocol Protocol { get; init; }
    /// <summary>The provider's slug, for host quirks (<c>groq</c>, <c>mistral</c>, …).</summary>
    public required string Provider { get; init; }
    /// <summary>The name the provider knows the model by.</summary>
    public required string Model { get; init; }
    /// <summary>Whose platform serves the model, where that is not the author's own.</summary>
    public CloudHost Host { get; init; }
    /// <summary>What stands between the provider's address and the path of the format, for example <c>/projects/p/locations/global/publishers/google</c>; mostly empty.</summary>
    public string PathPrefix { get; init; } = "";
    /// <summary>What stands behind the path, for example <c>?api-version=2024-10-21</c>; mostly empty.</summary>
    public string PathQuery { get; init; } = "";
    /// <summary>The cloud region the endpoint is called in; null elsewhere.</summary>
    public string? Region { get; init; }
    /// <summary>The public slug of the model (<c>anthropic/claude-sonnet-4.5</c>), for rules that go by model family.</summary>
    public required string Slug { get; init; }
    /// <summary><c>priority</c> or <c>flex</c>, which the provider is then asked for; null for an endpoint of the tier everybody has.</summary>
    public string? ServiceTier { get; init; }
    /// <summary>Parameters the endpoint takes; others are dropped.</summary>
    public required ParameterSet Supported { get; init; }
    /// <summary>Unknown top-level request members this endpoint lets pass (I-02).</summary>
    public IReadOnlyList<string> Passthrough { get; init; } = [];
    /// <summary>The model makes images beside its text.</summary>
    public bool WritesImages { get; init; }
    /// <summary>How many tokens prompt and answer may have together, or null when not known.</summary>
    public int? ContextLength { get; init; }
    /// <summary>The most tokens the endpoint can write, or null when not known.</summary>
    public int? MaxCompletionTokens { get; init; }
    /// <summary>How reasoning is asked for.</summary>
    public ReasoningForm ReasoningForm { get; init; }
    /// <summary>The model always thinks; it cannot be switched off.</summary>
    public bool ReasoningMandatory { get; init; }
    /// <summary>Efforts the model takes, weakest first; empty when not known.</summary>
    public IReadOnlyList<string> ReasoningEfforts { get; init; } = [];
    /// <summary>Reasoning comes inside the content between <c>&lt;think&gt;</c> tags.</summary>
    public bool ReasoningInContent { get; init; }
    /// <summary><c>tool_choice</c> forms taken: none, auto, required, named function.</summary>
    public bool ToolChoiceNone { get; init; } = true;
    /// <summary>See <see cref="ToolChoiceNone"/>.</summary>
    public bool ToolChoiceAuto { get; init; } = true;
    /// <summary>See <see cref="ToolChoiceNone"/>.</summary>
    public bool ToolChoiceRequired { get; init; } = true;
    /// <summary>See <see cref="ToolChoiceNone"/>.</summary>
    public bool ToolChoiceFunction { get; init; } = true;
}

/// <summary>What is decided per attempt rather than per endpoint.</summary>
public readonly record struct UpstreamCall
{
    /// <summary>Ask for a stream.</summary>
    public bool Stream { get; init; }
    /// <summary>The output cap covered by the hold; sent upstream when the request is not streamed (I-63). Null: do not cap.</summary>
    public int? MaxTokens { get; init; }
    /// <summary>The hashed identity sent for abuse isolation (I-65), or null.</summary>
    public string? UserHash { get; init; }
    /// <summary>
    /// Leave the signatures of earlier reasoning out, after the provider refused them (<c>UpstreamFailure.BadSignatures</c>): they are bound to the key,
    /// route or model that made them. Default false.
    /// </summary>
    public bool WithoutSignatures { get; init; }
    /// <summary>Anthropic beta flags the caller asked for that are on the supported list.</summary>
    public IReadOnlyList<string>? AnthropicBetas { get; init; }
    /// <summary>Is told what is changed of the request's JSON Schemas; null where nobody asked.</summary>
    public SchemaReport? Schemas { get; init; }

    /// <summary>
    /// The output cap to send, or null. I-63: a non-streamed answer cannot be stopped when the hold is used up, so the held cap goes upstream.
    /// </summary>
    internal int? Cap(CanonicalRequest request)
    {
        if (Stream || MaxTokens is not { } held)
            return request.MaxTokens;
        return request.MaxTokens is { } asked ? Math.Min(asked, held) : held;
    }
}

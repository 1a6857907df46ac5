using System.Text.Json;

namespace Fairlead.Protocols.Canonical;

/// <summary>The wire format a caller speaks.</summary>
public enum ClientDialect
{
    /// <summary><c>POST /api/v1/chat/completions</c></summary>
    ChatCompletions,
    /// <summary><c>POST /api/v1/messages</c></summary>
    Messages,
    /// <summary><c>POST /api/v1/responses</c></summary>
    Responses,
    /// <summary><c>POST /api/v1/completions</c></summary>
    Completions,
    /// <summary><c>POST /api/v1/embeddings</c></summary>
    Embeddings,
}

/// <summary>
/// A validated request, whatever dialect it came in: the raw bytes, which are forwarded where both sides speak the same dialect, the scalar
/// facts every stage needs, and the conversation on demand. A lens over the bytes, not a replacement for them. Immutable after reading,
/// except that Prepare may set what it decides through <c>with</c>.
/// </summary>
public sealed record CanonicalRequest
{
    /// <summary>The dialect the caller speaks.</summary>
    public required ClientDialect Dialect { get; init; }
    /// <summary>
    /// The request as a chat completion: of a chat client the bytes as received (after decompression; owned by Receive, valid until the request ends), of any
    /// other what its reader wrote them as.
    /// </summary>
    public required ReadOnlyMemory<byte> Body { get; init; }
    /// <summary>
    /// The bytes as received, where an upstream of the caller's own dialect may be sent them with edits; empty where it may not, because what the model must see
    /// is no longer what the caller wrote. Of a chat client empty: that is <see cref="Body"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Original { get; init; }
    /// <summary>Builds the conversation from <see cref="Body"/>; set by the dialect's reader.</summary>
    public required Func<CanonicalRequest, Conversation> ReadConversation { get; init; }

    /// <summary><c>model</c> as sent; null when absent.</summary>
    public string? Model { get; init; }
    /// <summary><c>models</c> as sent, duplicates of <see cref="Model"/> dropped.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];
    /// <summary>The caller wants server-sent events.</summary>
    public bool Stream { get; init; }
    /// <summary><c>max_completion_tokens</c>, else <c>max_tokens</c> (I-06).</summary>
    public int? MaxTokens { get; init; }
    /// <summary>Number of choices asked for; 1 when absent.</summary>
    public int N { get; init; } = 1;
    /// <summary>Parameters present and not null.</summary>
    public ParameterSet Used { get; init; }

    /// <summary>0–2</summary>
    public double? Temperature { get; init; }
    /// <summary>0–1</summary>
    public double? TopP { get; init; }
    /// <summary>0 or more; 0 is off.</summary>
    public int? TopK { get; init; }
    /// <summary>0–1</summary>
    public double? MinP { get; init; }
    /// <summary>0–1</summary>
    public double? TopA { get; init; }
    /// <summary>−2–2</summary>
    public double? FrequencyPenalty { get; init; }
    /// <summary>−2–2</summary>
    public double? PresencePenalty { get; init; }
    /// <summary>Above 0, at most 2</summary>
    public double? RepetitionPenalty { get; init; }
    /// <summary>Best-effort determinism.</summary>
    public long? Seed { get; init; }
    /// <summary>At most four stop sequences.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];
    /// <summary><c>logprobs</c></summary>
    public bool Logprobs { get; init; }
    /// <summary><c>top_logprobs</c>, 0–20</summary>
    public int? TopLogprobs { get; init; }
    /// <summary><c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>, <c>max</c></summary>
    public string? Verbosity { get; init; }
    /// <summary>What the caller asked of the model's reasoning, legacy spellings folded in; null when nothing was said.</summary>
    public ReasoningOptions? Reasoning { get; init; }
    /// <summary><c>response_format</c>; null when absent or <c>text</c>.</summary>
    public ResponseFormat? ResponseFormat { get; init; }
    /// <summary><c>tool_choice</c>; null when absent or without tools (I-09).</summary>
    public ToolChoice? ToolChoice { get; init; }
    /// <summary><c>parallel_tool_calls</c></summary>
    public bool? ParallelToolCalls { get; init; }
    /// <summary><c>modalities</c> as sent.</summary>
    public IReadOnlyList<string> Modalities { get; init; } = [];
    /// <summary>A top-level <c>cache_control</c>.</summary>
    public CacheMark? Cache { get; init; }

    /// <summary>The end user's id, for isolation and reporting; at most 256 characters (I-65).</summary>
    public string? User { get; init; }
    /// <summary><c>session_id</c>; the header fills it when the body has none.</summary>
    public string? SessionId { get; init; }
    /// <summary><c>prompt_cache_key</c>: forwarded, and names the conversation where no session does (routing §9).</summary>
    public string? PromptCacheKey { get; init; }
    /// <summary><c>route</c>, the older form of <c>provider.sort.partition</c>: all models together (<c>sort</c>) or one after the other; null when absent.</summary>
    public bool? SortsTogether { get; init; }
    /// <summary>The <c>provider</c> object; defaults when absent.</summary>
    public ProviderPreferences Provider { get; init; } = ProviderPreferences.Default;
    /// <summary><c>preset</c></summary>
    public string? Preset { get; init; }
    /// <summary><c>plugins</c>: what the caller says about plugins, each id once, in the order they came.</summary>
    public IReadOnlyList<PluginEntry> Plugins { get; init; } = [];
    /// <summary>The endpoint searches the web itself for this request (routing §11.2, engine <c>native</c>). Set by the web plugin and the tool for it; null otherwise.</summary>
    public NativeSearch? Search { get; init; }
    /// <summary><c>transforms</c> as sent; null when absent, empty to have none.</summary>
    public IReadOnlyList<string>? Transforms { get; init; }
    /// <summary><c>debug.echo_upstream_body</c></summary>
    public bool EchoUpstreamBody { get; init; }
    /// <summary><c>service_tier</c></summary>
    public string? ServiceTier { get; init; }

    /// <summary>Tools the gateway runs; in <see cref="Body"/> functions stand in their place.</summary>
    public IReadOnlyList<ServerToolEntry> ServerTools { get; init; } = [];
    /// <summary><c>max_tool_calls</c>: most calls of such tools, 1 to 30.</summary>
    public int? MaxToolCalls { get; init; }
    /// <summary>How many prompts a text completion asks for, where they are several: each becomes a request of its own, out of <see cref="Original"/>. Otherwise 0.</summary>
    public int Prompts { get; init; }
    /// <summary>What is to be embedded; null of everything else. Such a request has no conversation and no output.</summary>
    public EmbeddingRequest? Embeddings { get; init; }

    /// <summary>What the messages hold, as counted while reading.</summary>
    public ContentFacts Content { get; init; }

    /// <summary><see cref="Original"/> has a top-level member that is not null.</summary>
    public bool HasOriginalMember(ReadOnlySpan<byte> name) => Json.JsonMembers.Find(Original.Span, name) is not ([] or [(byte)'n', ..]);

    private Conversation? conversation;

    /// <summary>The messages and tools, built on first use.</summary>
    public Conversation Conversation => conversation ??= ReadConversation(this);

    /// <summary>The tools alone: the conversation is not built for them.</summary>
    public IReadOnlyList<ToolDefinition> ReadTools() => conversation?.Tools ?? OpenAI.ChatCompletions.Client.Reading.ConversationReader.ReadTools(Body.Span);

    /// <summary>The same request with other messages: a chat body made by <see cref="OpenAI.ChatCompletions.Client.Editing.ChatMessages"/>. Everything else said stays.</summary>
    internal CanonicalRequest WithMessages(ReadOnlyMemory<byte> body, ContentFacts content) =>
        this with { Body = body, Original = default, Content = content, conversation = null };

    /// <summary>The same request as another chat body that says the same but for members the gateway added.</summary>
    public CanonicalRequest WithBody(ReadOnlyMemory<byte> body) => WithMessages(body, Content);

    /// <summary>The same request with reasoning of earlier turns that the caller's protocol could not carry; what was received may still be forwarded to its own protocol.</summary>
    public CanonicalRequest WithReasoning(Conversation restored) => this with { conversation = restored };

    /// <summary>The same request with another conversation (remote images turned into bytes). The body no longer matches and must not be forwarded.</summary>
    public CanonicalRequest WithConversation(Conversation replaced) => this with { conversation = replaced, Original = default };
}

/// <summary>An entry of <c>plugins</c> (routing §11.1).</summary>
/// <param name="Id">Which plugin; one of <see cref="PluginIds.Known"/>.</param>
/// <param name="Enabled">False switches it off for this request.</param>
/// <param name="Json">The whole entry as the caller wrote it, an object, with the plugin's options as members.</param>
public sealed record PluginEntry(string Id, bool Enabled, ReadOnlyMemory<byte> Json);

/// <summary>Facts about the messages that routing, limits and holds need, gathered in the one pass of reading.</summary>
/// <param name="Messages">Number of messages.</param>
/// <param name="Tools">Number of function tools.</param>
/// <param name="Images">Number of image parts.</param>
/// <param name="Files">Number of file parts.</param>
/// <param name="Audio">Number of audio parts.</param>
/// <param name="Videos">Number of video parts.</param>
/// <param name="AudioSeconds">Estimated seconds of audio.</param>
/// <param name="PromptTokens">o200k tokens of all text, tool definitions and per-message overhead; images, audio and video are added by Prepare .</param>
public readonly record struct ContentFacts(int Messages, int Tools, int Images, int Files, int Audio, int Videos, int AudioSeconds, int PromptTokens);

/// <summary>Reasoning asked for (inference contract §7.1), legacy fields folded in.</summary>
/// <param name="Effort"><c>none</c>, <c>minimal</c>, <c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>, <c>max</c>, or null.</param>
/// <param name="MaxTokens">A token budget, or null.</param>
/// <param name="Exclude">The model thinks, the text is not returned.</param>
/// <param name="Enabled">On or off when said; null when only implied.</param>
/// <param name="Summary"><c>auto</c>, <c>concise</c>, <c>detailed</c>, or null.</param>
public sealed record ReasoningOptions(string? Effort, int? MaxTokens, bool Exclude, bool? Enabled, string? Summary)
{
    /// <summary>The caller said: do not think.</summary>
    public bool IsOff => Enabled == false || Effort == "none" || MaxTokens == 0;
}

/// <summary>The kind of output format asked for.</summary>
public enum ResponseFormatKind
{
    /// <summary><c>json_object</c></summary>
    JsonObject,
    /// <summary><c>json_schema</c></summary>
    JsonSchema,
    /// <summary><c>grammar</c></summary>
    Grammar,
    /// <summary><c>python</c></summary>
    Python,
}

/// <summary><c>response_format</c> (inference contract §3.6).</summary>
public sealed record ResponseFormat(ResponseFormatKind Kind, string? Name, string? Description, JsonElement? Schema, bool? Strict);

/// <summary>How the model must treat the tools.</summary>
public enum ToolChoiceKind
{
    /// <summary><c>auto</c></summary>
    Auto,
    /// <summary><c>none</c></summary>
    None,
    /// <summary><c>required</c></summary>
    Required,
    /// <summary>One named function.</summary>
    Function,
}

/// <summary><c>tool_choice</c>; <see cref="FunctionName"/> only for <see cref="ToolChoiceKind.Function"/>.</summary>
public sealed record ToolChoice(ToolChoiceKind Kind, string? FunctionName);

/// <summary>The <c>provider</c> object (routing contract §4). Lists hold provider slugs or endpoint tags as the caller wrote them, lower-cased.</summary>
public sealed record ProviderPreferences
{
    /// <summary>Nothing asked for.</summary>
    public static ProviderPreferences Default { get; } = new();
    /// <summary>Try these first, in this order.</summary>
    public IReadOnlyList<string> Order { get; init; } = [];
    /// <summary>Only these.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];
    /// <summary>Never these.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];
    /// <summary>Other endpoints may serve when the first choice fails. Default true.</summary>
    public bool AllowFallbacks { get; init; } = true;
    /// <summary>Only endpoints that support every parameter used. Default false.</summary>
    public bool RequireParameters { get; init; }
    /// <summary><c>data_collection: "deny"</c></summary>
    public bool DenyDataCollection { get; init; }
    /// <summary>Only zero-data-retention endpoints.</summary>
    public bool Zdr { get; init; }
    /// <summary>Accepted quantizations; empty means any.</summary>
    public IReadOnlyList<string> Quantizations { get; init; } = [];
    /// <summary><c>price</c>, <c>throughput</c>, <c>latency</c>, <c>exacto</c>, or null.</summary>
    public string? Sort { get; init; }
    /// <summary><c>sort.partition</c>: <c>model</c>, <c>none</c>, or null when not said.</summary>
    public string? SortPartition { get; init; }
    /// <summary>Only models whose author permits distillation.</summary>
    public bool EnforceDistillableText { get; init; }
    /// <summary>Hard floor in tokens per second (December, R-14), or null.</summary>
    public double? MinThroughput { get; init; }
    /// <summary>Hard ceiling in seconds (December, R-14), or null.</summary>
    public double? MaxLatency { get; init; }
    /// <summary>Slower endpoints go behind others, tokens per second (soft, 2026); null without a wish.</summary>
    public Cutoffs? PreferredMinThroughput { get; init; }
    /// <summary>Endpoints with a later first token go behind others, seconds (soft, 2026); null without a wish.</summary>
    public Cutoffs? PreferredMaxLatency { get; init; }
    /// <summary>Price caps in dollars per million tokens (prompt, completion) and per unit (request, image); absent members are null.</summary>
    public MaxPrice? MaxPrice { get; init; }
    /// <summary><c>continuity: "restart"</c>: a stream that breaks while it is held back begins again elsewhere. Default false.</summary>
    public bool RestartsStreams { get; init; }
    /// <summary><c>continuity_hold</c>: how much of a stream is held back for that.</summary>
    public ContinuityHold Hold { get; init; } = ContinuityHold.Default;
}

/// <summary>How much of a stream is held back: until there are so many tokens, or so much time has gone by since the first, whichever comes first.</summary>
/// <param name="Tokens">0 to 64.</param>
/// <param name="Milliseconds">0 to 1000.</param>
public sealed record ContinuityHold(int Tokens, int Milliseconds)
{
    /// <summary>16 tokens, 300 ms.</summary>
    public static ContinuityHold Default { get; } = new(16, 300);
}

/// <summary>Cutoffs by percentile; a plain number is one of the median. Null members are no cutoff.</summary>
public sealed record Cutoffs(double? P50, double? P75 = null, double? P90 = null, double? P99 = null);

/// <summary><c>provider.max_price</c>.</summary>
public sealed record MaxPrice(decimal? Prompt, decimal? Completion, decimal? Request, decimal? Image)
{
    /// <summary>Per audio unit, or null.</summary>
    public decimal? Audio { get; init; }
}

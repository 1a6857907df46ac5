using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>What was read of a request so far; becomes a <see cref="CanonicalRequest"/> when the whole body is good.</summary>
internal struct RequestDraft()
{
    public string? Model;
    public IReadOnlyList<string> Models = [];
    public int ModelsAt;
    public bool Stream;
    public int? MaxTokens;
    public int? MaxCompletionTokens;
    public int? N;
    public ParameterSet Used;

    public double? Temperature;
    public double? TopP;
    public int? TopK;
    public double? MinP;
    public double? TopA;
    public double? FrequencyPenalty;
    public double? PresencePenalty;
    public double? RepetitionPenalty;
    public long? Seed;
    public IReadOnlyList<string> Stop = [];
    public int MostStops = RequestReader.MostStops;
    public bool? Logprobs;
    public int? TopLogprobs;
    public string? Verbosity;
    public ReasoningDraft Reasoning;
    public ResponseFormat? ResponseFormat;
    public ToolChoice? ToolChoice;
    public ToolChoice? FunctionCall;
    public bool? ParallelToolCalls;
    public IReadOnlyList<string> Modalities = [];
    public CacheMark? Cache;

    public string? User;
    public string? SessionId;
    public string? PromptCacheKey;
    public string? Route;
    public ProviderPreferences Provider = ProviderPreferences.Default;
    public string? Preset;
    public IReadOnlyList<PluginEntry> Plugins = [];
    public IReadOnlyList<string>? Transforms;
    public bool EchoUpstreamBody;
    public string? ServiceTier;

    public bool HasMessages;
    public bool HasPrompt;
    public List<string>? ToolNames;
    public List<string>? FunctionNames;
    public List<ServerToolEntry>? ServerTools;
    public int? MaxToolCalls;
    public ContentCount Content;
}

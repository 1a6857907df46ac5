using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Top-level members of a chat request that can reach an OpenAI-style host. What is not here goes nowhere (I-02).</summary>
internal enum RequestMember
{
    Messages,
    Prompt,
    Tools,
    Functions,
    ToolChoice,
    ResponseFormat,
    Modalities,
    ImageConfig,
    Audio,
    PromptCacheKey,
    PromptCacheOptions,
    ServiceTier,
    Temperature,
    TopP,
    TopK,
    MinP,
    TopA,
    FrequencyPenalty,
    PresencePenalty,
    RepetitionPenalty,
    LogitBias,
    Logprobs,
    TopLogprobs,
    Seed,
    Stop,
    ParallelToolCalls,
    WebSearchOptions,
    Verbosity,
    Prediction,
    N,
}

/// <summary>Names and capability bits of <see cref="RequestMember"/>.</summary>
internal static class RequestMembers
{
    private static readonly NameTable<RequestMember> Names = new(
        ("messages", RequestMember.Messages), ("prompt", RequestMember.Prompt), ("tools", RequestMember.Tools), ("functions", RequestMember.Functions),
        ("tool_choice", RequestMember.ToolChoice), ("response_format", RequestMember.ResponseFormat), ("modalities", RequestMember.Modalities),
        ("image_config", RequestMember.ImageConfig),
        ("audio", RequestMember.Audio), ("prompt_cache_key", RequestMember.PromptCacheKey), ("prompt_cache_options", RequestMember.PromptCacheOptions), ("service_tier", RequestMember.ServiceTier),
        ("temperature", RequestMember.Temperature), ("top_p", RequestMember.TopP), ("top_k", RequestMember.TopK), ("min_p", RequestMember.MinP),
        ("top_a", RequestMember.TopA), ("frequency_penalty", RequestMember.FrequencyPenalty), ("presence_penalty", RequestMember.PresencePenalty),
        ("repetition_penalty", RequestMember.RepetitionPenalty), ("logit_bias", RequestMember.LogitBias), ("logprobs", RequestMember.Logprobs),
        ("top_logprobs", RequestMember.TopLogprobs), ("seed", RequestMember.Seed), ("stop", RequestMember.Stop),
        ("parallel_tool_calls", RequestMember.ParallelToolCalls), ("web_search_options", RequestMember.WebSearchOptions),
        ("verbosity", RequestMember.Verbosity), ("prediction", RequestMember.Prediction), ("n", RequestMember.N));

    /// <summary>Finds a member by its name.</summary>
    public static bool TryFind(ReadOnlySpan<byte> name, out RequestMember member) => Names.TryFind(name, out member, out _);

    /// <summary>What an endpoint must support for the member to be sent; none for members that do not depend on it.</summary>
    public static ParameterSet Capability(RequestMember member) => member switch
    {
        RequestMember.Temperature => ParameterSet.Temperature,
        RequestMember.TopP => ParameterSet.TopP,
        RequestMember.TopK => ParameterSet.TopK,
        RequestMember.MinP => ParameterSet.MinP,
        RequestMember.TopA => ParameterSet.TopA,
        RequestMember.FrequencyPenalty => ParameterSet.FrequencyPenalty,
        RequestMember.PresencePenalty => ParameterSet.PresencePenalty,
        RequestMember.RepetitionPenalty => ParameterSet.RepetitionPenalty,
        RequestMember.LogitBias => ParameterSet.LogitBias,
        RequestMember.Logprobs => ParameterSet.Logprobs,
        RequestMember.TopLogprobs => ParameterSet.TopLogprobs,
        RequestMember.Seed => ParameterSet.Seed,
        RequestMember.Stop => ParameterSet.Stop,
        RequestMember.ParallelToolCalls => ParameterSet.ParallelToolCalls,
        RequestMember.WebSearchOptions => ParameterSet.WebSearchOptions,
        RequestMember.Verbosity => ParameterSet.Verbosity,
        RequestMember.Prediction => ParameterSet.Prediction,
        RequestMember.N => ParameterSet.N,
        _ => ParameterSet.None,
    };
}

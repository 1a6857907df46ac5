using System.Security.Cryptography;
using System.Text;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Building;

/// <summary>Turns the endpoint entries of one model into endpoints and decides what can be dispatched.</summary>
internal sealed class EndpointBuilder(ModelEntry model, Architecture architecture, bool isShipped, ContextLengths contextLengths, MistakeList mistakes)
{
    public ModelEndpoint Build(EndpointEntry entry, Provider provider)
    {
        var protocol = entry.Protocol ?? provider.Protocol;
        var tag = entry.Tag ?? provider.Slug;
        // A deployment serves one model: it is the name for endpoints that an operator wrote without one, never for the many of the shipped catalog.
        var upstreamModel = entry.UpstreamModel ?? (isShipped ? null : provider.Azure?.Deployment);
        var place = CloudPlace.Of(provider, protocol, tag, model.Id, upstreamModel);
        protocol = place.Protocol;
        if (tag != provider.Slug && !tag.StartsWith(provider.Slug + "/", StringComparison.OrdinalIgnoreCase))
            mistakes.Add(entry.At, $"must be \"{provider.Slug}\", or begin with \"{provider.Slug}/\".", "tag");
        var contextLength = contextLengths.Of(model, entry, provider, upstreamModel);
        var parameters = Parameters(entry.SupportedParameters, protocol);
        var policy = entry.DataPolicy?.Over(provider.DataPolicy) ?? provider.DataPolicy;
        var notDispatchable = entry.NotDispatchable ?? place.NotDispatchable ?? WhyNot(upstreamModel, protocol, place.Host);
        return new()
        {
            Id = entry.Id ?? DerivedId(model.Id, tag),
            ModelId = model.Id,
            Provider = provider,
            Tag = tag,
            Quantization = entry.Quantization,
            ContextLength = contextLength,
            MaxCompletionTokens = entry.MaxCompletionTokens,
            MaxPromptTokens = entry.MaxPromptTokens,
            Pricing = entry.Pricing!,
            SupportedParameters = entry.SupportedParameters,
            Parameters = parameters,
            SupportsImplicitCaching = entry.SupportsImplicitCaching,
            IsModerated = entry.IsModerated ?? false,
            CanAbort = entry.CanAbort ?? provider.CanAbort,
            Status = entry.Status,
            DataPolicy = policy,
            Zdr = entry.Zdr || policy is { Training: false, RetainsPrompts: false },
            RpmLimit = entry.RpmLimit,
            TpmLimit = entry.TpmLimit,
            NotDispatchable = notDispatchable,
            BaseUrl = place.BaseUrl,
            Target = notDispatchable is null ? TargetOf(entry, provider, place, upstreamModel!, parameters, contextLength) with { ServiceTier = ServiceTiers.WireName(ServiceTiers.OfTag(tag)) } : null,
        };
    }

    private UpstreamTarget TargetOf(EndpointEntry entry, Provider provider, CloudPlace place, string upstreamModel, ParameterSet parameters, int contextLength) => new()
    {
        Protocol = place.Protocol,
        Host = place.Host,
        PathPrefix = place.PathPrefix,
        PathQuery = place.PathQuery,
        Region = place.Region,
        Provider = provider.Slug,
        Model = upstreamModel,
        Slug = model.Id,
        Supported = parameters,
        Passthrough = entry.Passthrough,
        WritesImages = architecture.OutputModalities.Contains("image"),
        ContextLength = contextLength,
        MaxCompletionTokens = entry.MaxCompletionTokens,
        // P-07: named by the record. Without a name, the form that most OpenAI-style hosts share.
        ReasoningForm = entry.ReasoningForm ?? (place.Protocol is UpstreamProtocol.OpenAIChat or UpstreamProtocol.OpenAIResponses && (parameters & ParameterSet.Reasoning) != ParameterSet.None
            ? ReasoningForm.Effort
            : ReasoningForm.None),
        ReasoningMandatory = entry.ReasoningMandatory || model.Reasoning is { Mandatory: true },
        ReasoningEfforts = model.Reasoning?.SupportedEfforts ?? [],
        ReasoningInContent = entry.ReasoningInContent,
        ToolChoiceNone = entry.ToolChoice?.Contains("none") ?? true,
        ToolChoiceAuto = entry.ToolChoice?.Contains("auto") ?? true,
        ToolChoiceRequired = entry.ToolChoice?.Contains("required") ?? true,
        ToolChoiceFunction = entry.ToolChoice?.Contains("function") ?? true,
    };

    private string? WhyNot(string? upstreamModel, UpstreamProtocol protocol, CloudHost host)
    {
        if (model.Id.EndsWith(":batch", StringComparison.OrdinalIgnoreCase))
            return "it belongs to the batch interface, which this version does not offer.";
        var isEmbedding = architecture.OutputModalities.Contains("embeddings");
        if (isEmbedding && architecture.OutputModalities.Count > 1)
            return "it answers with more than embeddings; this version takes models that make embeddings alone.";
        if (!isEmbedding && !architecture.OutputModalities.Contains("text"))
            return $"it answers with {string.Join(" and ", architecture.OutputModalities)}; this version offers answers in text.";
        if (upstreamModel is null)
            return "the name under which the provider knows the model is not known (\"model\" is missing).";
        if (isEmbedding)
        {
            return EmbeddingDialects.Find(protocol, host, upstreamModel) is null
                ? $"embeddings of protocol {WireNames.Name(protocol)}{(protocol == UpstreamProtocol.Bedrock ? " and this model" : "")} are not spoken by this version."
                : null;
        }

        return protocol is UpstreamProtocol.OpenAIChat or UpstreamProtocol.AnthropicMessages or UpstreamProtocol.Gemini or UpstreamProtocol.Bedrock
            or UpstreamProtocol.Cohere or UpstreamProtocol.Ollama or UpstreamProtocol.OpenAIResponses
            ? null
            : protocol == UpstreamProtocol.Other
                ? "the provider's own protocol is not spoken by this version."
                : $"protocol {WireNames.Name(protocol)} is not spoken by this version.";
    }

    // Parameters the format of Responses has no member for, whatever a record written for chat lists (providers contract §3.2).
    private const ParameterSet NotInResponses = ParameterSet.Stop | ParameterSet.Seed | ParameterSet.FrequencyPenalty | ParameterSet.PresencePenalty
        | ParameterSet.RepetitionPenalty | ParameterSet.LogitBias | ParameterSet.Logprobs | ParameterSet.TopLogprobs | ParameterSet.TopK | ParameterSet.MinP
        | ParameterSet.TopA | ParameterSet.N | ParameterSet.Prediction | ParameterSet.WebSearchOptions;

    // What the dialects translate into one another without loss counts as supported with its twin.
    private static ParameterSet Parameters(IReadOnlyList<string> names, UpstreamProtocol protocol)
    {
        const ParameterSet Caps = ParameterSet.MaxTokens | ParameterSet.MaxCompletionTokens;
        const ParameterSet Thinking = ParameterSet.Reasoning | ParameterSet.ReasoningEffort | ParameterSet.IncludeReasoning;
        var set = ParameterNames.Parse(names);
        if ((set & Caps) != ParameterSet.None)
            set |= Caps;
        if ((set & Thinking) != ParameterSet.None)
            set |= Thinking;
        if ((set & ParameterSet.StructuredOutputs) != ParameterSet.None)
            set |= ParameterSet.ResponseFormat;
        if (protocol == UpstreamProtocol.OpenAIResponses)
            set &= ~NotInResponses;
        if (protocol == UpstreamProtocol.AnthropicMessages && (set & ParameterSet.Tools) != ParameterSet.None)
            set |= ParameterSet.ParallelToolCalls;
        return set;
    }

    private static string DerivedId(string model, string tag)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{model.ToLowerInvariant()}\n{tag}"), digest);
        return new Guid(digest[..16], bigEndian: true).ToString();
    }
}

using System.Text.RegularExpressions;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Building;

/// <summary>
/// Where and in which format an endpoint is called. Clouds serve models of many authors: Vertex in each author's format under a path of its own, Bedrock Claude
/// in Anthropic's and others through Converse, Azure OpenAI's in either of OpenAI's formats and Claude in Anthropic's (providers contract §5.1, §6.1, §7, §8).
/// </summary>
internal sealed partial record CloudPlace(UpstreamProtocol Protocol, string? BaseUrl)
{
    public CloudHost Host { get; private init; }
    public string PathPrefix { get; private init; } = "";
    public string PathQuery { get; private init; } = "";
    public string? Region { get; private init; }
    /// <summary>Why this endpoint of the cloud cannot be called, or null.</summary>
    public string? NotDispatchable { get; private init; }

    public static CloudPlace Of(Provider provider, UpstreamProtocol protocol, string tag, string modelId, string? model) => protocol switch
    {
        UpstreamProtocol.Bedrock or UpstreamProtocol.Vertex or UpstreamProtocol.AzureOpenAI when provider.Protocol != protocol => new CloudPlace(protocol, provider.BaseUrl)
        {
            NotDispatchable = $"protocol {WireNames.Name(protocol)} is for providers of that protocol: it uses their region and credentials.",
        },
        UpstreamProtocol.Bedrock => Bedrock(provider, tag, model ?? ""),
        UpstreamProtocol.Vertex => Vertex(provider, tag, model ?? ""),
        UpstreamProtocol.AzureOpenAI => Azure(provider, AuthorsFormat(modelId, model ?? ""), model ?? ""),
        UpstreamProtocol.OpenAIChat or UpstreamProtocol.OpenAIResponses or UpstreamProtocol.AnthropicMessages when provider.Protocol == UpstreamProtocol.AzureOpenAI =>
            Azure(provider, protocol, model ?? ""),
        // One server speaks both of Ollama's surfaces, and its address may name either.
        UpstreamProtocol.Ollama when provider.BaseUrl?.EndsWith("/v1", StringComparison.Ordinal) == true => new CloudPlace(protocol, provider.BaseUrl[..^"/v1".Length]),
        UpstreamProtocol.OpenAIChat when provider.Protocol == UpstreamProtocol.Ollama && provider.BaseUrl?.EndsWith("/v1", StringComparison.Ordinal) == false =>
            new CloudPlace(protocol, provider.BaseUrl + "/v1"),
        _ => new CloudPlace(protocol, provider.BaseUrl),
    };

    private static CloudPlace Bedrock(Provider provider, string tag, string model)
    {
        var region = CloudRegions.Aws(tag, provider.Cloud?.Region ?? "us-east-1");
        return new CloudPlace(IsClaude(model) ? UpstreamProtocol.AnthropicMessages : UpstreamProtocol.Bedrock, InRegion(provider, region))
        {
            Host = CloudHost.Bedrock,
            Region = region,
            NotDispatchable = model.StartsWith("openai.gpt-", StringComparison.Ordinal) && !model.StartsWith("openai.gpt-oss", StringComparison.Ordinal)
                ? "Bedrock serves it only through a Responses interface on another host, which this version does not call."
                : null,
        };
    }

    private static CloudPlace Vertex(Provider provider, string tag, string model)
    {
        var location = CloudRegions.Google(tag, provider.Cloud?.Region ?? "global");
        var project = $"/projects/{provider.Cloud?.Project}/locations/{location}";
        var (protocol, prefix) = model switch
        {
            _ when model.StartsWith("claude-", StringComparison.Ordinal) => (UpstreamProtocol.AnthropicMessages, "/publishers/anthropic"),
            _ when model.StartsWith("gemini-", StringComparison.Ordinal) || IsGoogleEmbedding(model) => (UpstreamProtocol.Gemini, "/publishers/google"),
            // Models of others, as a service: the author stands before the name.
            _ => (UpstreamProtocol.OpenAIChat, "/endpoints/openapi"),
        };
        return new CloudPlace(protocol, InRegion(provider, location))
        {
            Host = CloudHost.Vertex,
            Region = location,
            PathPrefix = project + prefix,
            NotDispatchable = protocol == UpstreamProtocol.OpenAIChat && model.Length > 0 && !model.Contains('/', StringComparison.Ordinal)
                ? "Vertex serves it under its author's name, which the catalog does not know."
                : null,
        };
    }

    private static CloudPlace Azure(Provider provider, UpstreamProtocol protocol, string model)
    {
        var version = provider.Azure?.ApiVersion;
        var place = new CloudPlace(protocol, AzureAddress.For(provider.BaseUrl, protocol, version))
        {
            Host = CloudHost.Azure,
            PathQuery = protocol == UpstreamProtocol.AnthropicMessages || version is null ? "" : "?api-version=" + version,
        };
        // Of the older form, chat names the deployment in its path, Responses in its body.
        return protocol == UpstreamProtocol.OpenAIChat && AzureAddress.IsDated(version)
            ? place with { PathPrefix = "/deployments/" + Uri.EscapeDataString(model) }
            : place;
    }

    // Deployments are named freely, so the model's own name tells first.
    private static UpstreamProtocol AuthorsFormat(string modelId, string model) =>
        modelId.StartsWith("anthropic/", StringComparison.Ordinal) || model.StartsWith("claude-", StringComparison.Ordinal) ? UpstreamProtocol.AnthropicMessages
        : modelId.StartsWith("openai/", StringComparison.Ordinal) && OnlyInResponses().IsMatch(modelId) ? UpstreamProtocol.OpenAIResponses
        : UpstreamProtocol.OpenAIChat;

    [GeneratedRegex(@"-pro(-\d{4}-\d\d-\d\d)?$|codex", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OnlyInResponses();

    private static string? InRegion(Provider provider, string region) =>
        provider.Cloud?.AddressTemplate is { } template ? CloudRegions.InAddress(template, region) : provider.BaseUrl;

    private static bool IsGoogleEmbedding(string model) =>
        model.StartsWith("text-embedding-", StringComparison.Ordinal) || model.StartsWith("text-multilingual-embedding-", StringComparison.Ordinal);

    private static bool IsClaude(string model) => model.Split('.').Contains("anthropic");
}

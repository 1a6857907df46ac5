using Fairlead.Protocols.Amazon.Bedrock.Embeddings;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Google.Embeddings;
using Fairlead.Protocols.Ollama;
using Fairlead.Protocols.OpenAI.Embeddings;

namespace Fairlead.Protocols.Canonical;

/// <summary>Which format embeddings are asked for in, by the protocol of an endpoint.</summary>
public static class EmbeddingDialects
{
    /// <summary>The dialect; null where the protocol, or on Bedrock the model, has none that is spoken here.</summary>
    public static IEmbeddingDialect? Find(UpstreamProtocol protocol, CloudHost host, string model) => protocol switch
    {
        UpstreamProtocol.OpenAIChat or UpstreamProtocol.OpenAIResponses => OpenAIEmbeddings.Instance,
        UpstreamProtocol.Gemini when host == CloudHost.Vertex => VertexEmbeddings.Instance,
        UpstreamProtocol.Gemini => GeminiEmbeddings.Instance,
        UpstreamProtocol.Cohere => CohereEmbeddings.Instance,
        UpstreamProtocol.Ollama => OllamaEmbeddings.Instance,
        // The name may begin with the region it is served in.
        UpstreamProtocol.Bedrock when model.Contains("amazon.titan-embed-text", StringComparison.Ordinal) => TitanEmbeddings.Instance,
        UpstreamProtocol.Bedrock when model.Contains("cohere.embed", StringComparison.Ordinal) => CohereOnBedrockEmbeddings.Instance,
        _ => null,
    };

    /// <summary>The dialect of an endpoint the catalog found to have one.</summary>
    public static IEmbeddingDialect For(UpstreamTarget target) => Find(target.Protocol, target.Host, target.Model)
        ?? throw new InvalidOperationException($"Protocol {target.Protocol} has no embeddings; the catalog must not mark such endpoints live.");
}

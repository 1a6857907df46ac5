using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Json.Schemas;
using Fairlead.Protocols.Ollama;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;
using Fairlead.Protocols.OpenAI.Embeddings;
using Fairlead.Protocols.OpenAI.Responses.Upstream;

namespace Fairlead.Protocols.Tests.Contracts;

/// <summary>
/// What goes to providers is valid by the contract the vendor publishes (<c>data</c>, whose README says where each is from): every request of every surface,
/// streamed and not, for models of different families.
/// </summary>
public sealed class VendorContractTests
{
    private static readonly string[] OpenAIParameters =
    [
        "max_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "stop", "tools", "tool_choice", "parallel_tool_calls", "response_format", "structured_outputs",
        "logprobs", "top_logprobs", "logit_bias", "reasoning", "include_reasoning", "verbosity", "prediction", "n",
    ];

    private static readonly string[] AnthropicParameters =
        ["max_tokens", "temperature", "top_p", "top_k", "stop", "tools", "tool_choice", "reasoning", "include_reasoning", "response_format", "structured_outputs", "verbosity"];

    private static readonly string[] GeminiParameters =
    [
        "max_tokens", "temperature", "top_p", "top_k", "stop", "seed", "tools", "tool_choice", "reasoning", "include_reasoning", "response_format", "structured_outputs", "frequency_penalty",
        "presence_penalty", "logprobs", "top_logprobs",
    ];

    private static readonly string[] MistralParameters =
    [
        "max_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "stop", "tools", "tool_choice", "parallel_tool_calls", "response_format", "structured_outputs",
        "reasoning", "include_reasoning",
    ];

    private static readonly string[] CohereParameters =
    [
        "max_tokens", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "seed", "stop", "tools", "tool_choice", "response_format", "structured_outputs", "reasoning",
        "include_reasoning",
    ];

    private static readonly string[] OllamaParameters = [.. CohereParameters, "min_p", "repetition_penalty"];

    private static readonly Contract[] Contracts =
    [
        new("openai-chat", OpenAIChatDialect.Default, Of(UpstreamProtocol.OpenAIChat, "openai", "openai/gpt-4o", OpenAIParameters)),
        new("openai-chat", OpenAIChatDialect.Default, Of(UpstreamProtocol.OpenAIChat, "openai", "openai/gpt-5", OpenAIParameters) with { ReasoningForm = ReasoningForm.Effort }),
        new("openai-chat", OpenAIChatDialect.Default, Of(UpstreamProtocol.OpenAIChat, "azure", "openai/gpt-5", OpenAIParameters) with { ReasoningForm = ReasoningForm.Effort, Host = CloudHost.Azure }),
        new("mistral-chat", OpenAIChatDialect.Default, Of(UpstreamProtocol.OpenAIChat, "mistral", "mistralai/mistral-large", MistralParameters)),
        new("openai-responses", ResponsesDialect.Instance, Of(UpstreamProtocol.OpenAIResponses, "openai", "openai/gpt-5-pro", OpenAIParameters)),
        new("openai-responses", ResponsesDialect.Instance, Of(UpstreamProtocol.OpenAIResponses, "openai", "openai/gpt-5.1-codex", OpenAIParameters)),
        new("anthropic-messages", AnthropicMessagesDialect.Instance, Of(UpstreamProtocol.AnthropicMessages, "anthropic", "anthropic/claude-sonnet-4.5", AnthropicParameters) with { Model = "claude-sonnet-4-5" }),
        new("anthropic-messages", AnthropicMessagesDialect.Instance, Of(UpstreamProtocol.AnthropicMessages, "anthropic", "anthropic/claude-opus-4.7", AnthropicParameters) with { Model = "claude-opus-4-7" }),
        new("anthropic-messages", AnthropicMessagesDialect.Instance, Of(UpstreamProtocol.AnthropicMessages, "anthropic", "anthropic/claude-3-haiku", AnthropicParameters) with { Model = "claude-3-haiku-20240307" }),
        new("gemini", GeminiDialect.Instance, Of(UpstreamProtocol.Gemini, "google-ai-studio", "google/gemini-2.5-flash", GeminiParameters)),
        new("gemini", GeminiDialect.Instance, Of(UpstreamProtocol.Gemini, "google-ai-studio", "google/gemini-3-pro-preview", GeminiParameters)),
        new("vertex-gemini", GeminiDialect.Instance, Of(UpstreamProtocol.Gemini, "google-vertex", "google/gemini-3-pro-preview", GeminiParameters) with { Host = CloudHost.Vertex }),
        new("bedrock-converse", BedrockDialect.Instance, Of(UpstreamProtocol.Bedrock, "amazon-bedrock", "amazon/nova-2-lite-v1", AnthropicParameters) with { Model = "us.amazon.nova-2-lite-v1:0", Host = CloudHost.Bedrock }),
        new("bedrock-converse", BedrockDialect.Instance, Of(UpstreamProtocol.Bedrock, "amazon-bedrock", "openai/gpt-oss-120b", AnthropicParameters) with { Model = "openai.gpt-oss-120b-1:0", Host = CloudHost.Bedrock }),
        new("cohere-chat", CohereDialect.Instance, Of(UpstreamProtocol.Cohere, "cohere", "cohere/command-a-reasoning", CohereParameters)),
        new("cohere-chat", CohereDialect.Instance, Of(UpstreamProtocol.Cohere, "cohere", "cohere/command-r7b", CohereParameters[..^2])),
        new("ollama-chat", OllamaDialect.Instance, Of(UpstreamProtocol.Ollama, "ollama", "qwen/qwen3", OllamaParameters) with { Model = "qwen3:8b", ContextLength = 32_768 }),
        new("ollama-chat", OllamaDialect.Instance, Of(UpstreamProtocol.Ollama, "ollama", "openai/gpt-oss-20b", OllamaParameters) with { Model = "gpt-oss:20b", ReasoningEfforts = ["low", "medium", "high", "xhigh"] }),
    ];

    public static TheoryData<int> Endpoints => [.. Enumerable.Range(0, Contracts.Length)];

    [Theory]
    [MemberData(nameof(Endpoints))]
    public void EveryRequest_IsValid(int which)
    {
        var contract = Contracts[which];
        using var schema = Schema(contract.File);
        var faults = new List<string>();
        var written = 0;
        foreach (var (name, surface, body) in ContractRequests.All)
        {
            var (request, error) = surface.ReadRequest(Encoding.UTF8.GetBytes(body));
            Assert.True(error is null, $"{surface.Dialect} {name}: {error?.Message}");
            foreach (var stream in (bool[])[true, false])
            {
                var output = new ArrayBufferWriter<byte>();
                var call = new UpstreamCall { Stream = stream, MaxTokens = stream ? null : 5000, UserHash = request!.User is null ? null : "0123456789abcdef0123456789abcdef" };
                // Not everything can be said to everybody; that the reason is given, others test.
                if (contract.Dialect.WriteRequest(request, contract.Target, call, output) is not null)
                    continue;
                written++;
                using var sent = JsonDocument.Parse(output.WrittenMemory);
                if (SchemaCheck.FirstFault(schema.RootElement, sent.RootElement) is { } fault)
                    faults.Add($"{surface.Dialect} {name}: {fault}\n    {Encoding.UTF8.GetString(output.WrittenSpan)}");
            }
        }

        Assert.True(faults.Count == 0, $"{contract.File} for {contract.Target.Slug}:\n" + string.Join('\n', faults));
        Assert.InRange(written, ContractRequests.All.Length * 4 / 3, int.MaxValue);
    }

    [Theory]
    [InlineData(UpstreamProtocol.OpenAIChat, "openai-embeddings", "openai/text-embedding-3-small")]
    [InlineData(UpstreamProtocol.Gemini, "gemini-embeddings", "google/gemini-embedding-001")]
    [InlineData(UpstreamProtocol.Ollama, "ollama-embeddings", "nomic/nomic-embed-text")]
    public void EveryRequestForEmbeddings_IsValid(UpstreamProtocol protocol, string file, string model)
    {
        using var schema = Schema(file);
        var target = Of(protocol, protocol == UpstreamProtocol.OpenAIChat ? "openai" : "google-ai-studio", model, []);
        foreach (var body in (string[])
        [
            """{"model":"a/b","input":"one"}""",
            """{"model":"a/b","input":["one","two"],"dimensions":8,"encoding_format":"base64","user":"u","input_type":"search_query"}""",
        ])
        {
            var (request, error) = EmbeddingsRequestReader.Read(Encoding.UTF8.GetBytes(body));
            Assert.Null(error);
            var dialect = EmbeddingDialects.Find(protocol, CloudHost.None, target.Model)!;
            var output = new ArrayBufferWriter<byte>();
            Assert.Null(dialect.WriteRequest(request!, new EmbeddingBatch(0, request!.Embeddings!.Inputs.ToArray()), target, "0123456789abcdef", output));
            using var sent = JsonDocument.Parse(output.WrittenMemory);
            Assert.Null(SchemaCheck.FirstFault(schema.RootElement, sent.RootElement));
        }
    }

    /// <summary>The schemas can refuse: a body of each format with one member more, at the top and deep inside, is a fault.</summary>
    [Theory]
    [MemberData(nameof(Endpoints))]
    public void AMemberNobodyKnows_IsAFault(int which)
    {
        var contract = Contracts[which];
        using var schema = Schema(contract.File);
        var (request, _) = ContractRequests.All[0].Surface.ReadRequest("""{"model":"a/b","messages":[{"role":"user","content":"Hi"}]}"""u8.ToArray());
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(contract.Dialect.WriteRequest(request!, contract.Target, default, output));
        foreach (var deep in (bool[])[false, true])
        {
            var body = JsonNode.Parse(output.WrittenSpan)!.AsObject();
            var at = deep ? body.Where(member => member.Key is "messages" or "contents" or "input").Single().Value![0]!.AsObject() : body;
            at["x_unknown"] = 1;
            using var sent = JsonDocument.Parse(body.ToJsonString());
            Assert.NotNull(SchemaCheck.FirstFault(schema.RootElement, sent.RootElement));
        }
    }

    private static JsonDocument Schema(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Contracts", "data", file + ".json")));

    private static UpstreamTarget Of(UpstreamProtocol protocol, string provider, string slug, string[] parameters) => new()
    {
        Protocol = protocol, Provider = provider, Model = slug.Split('/')[1], Slug = slug, Supported = ParameterNames.Parse(parameters) | ParameterSet.MaxTokens | ParameterSet.MaxCompletionTokens,
    };

    private sealed record Contract(string File, IUpstreamDialect Dialect, UpstreamTarget Target);
}

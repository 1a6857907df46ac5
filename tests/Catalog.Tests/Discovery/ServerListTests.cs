using System.Text;
using System.Text.Json;
using Fairlead.Catalog.Discovery;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Catalog.Tests.Discovery;

/// <summary>What servers say of their models, each in its own way.</summary>
public sealed class ServerListTests
{
    private const string Vllm = """{"object":"list","data":[{"id":"meta-llama/Llama-3.1-8B-Instruct","object":"model","owned_by":"vllm","max_model_len":131072,"parent":null}]}""";
    private const string LlamaCpp = """{"models":[{"name":"x"}],"object":"list","data":[{"id":"qwen3.gguf","meta":{"n_ctx_train":40960,"n_params":1},"capabilities":["completion","multimodal"]}]}""";
    private const string Shown = """{"capabilities":["completion","tools","vision"],"model_info":{"general.architecture":"llama","llama.context_length":131072}}""";

    private static readonly FuzzTarget Lists = new("model-lists", [.. new[] { Vllm, LlamaCpp, Shown }.Select(Encoding.UTF8.GetBytes)], static (bytes, _) =>
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            foreach (var model in OpenAICompatibleServer.Read(document.RootElement) ?? [])
                Assert.True(model.Name.Length > 0 && model.ContextLength is null or > 0);
            Assert.True(OllamaServer.Read("m", document.RootElement).ContextLength is null or > 0);
            Assert.True(OpenAICompatibleServer.ReadProperties(document.RootElement).Context is null or > 0);
        }
        catch (Exception known) when (known is JsonException or InvalidOperationException)
        {
            // Not JSON, or escapes that are half a character: ServerConnection and ModelServer make sentences of both.
        }
    });

    [Theory]
    [InlineData(Vllm, "meta-llama/Llama-3.1-8B-Instruct", 131072, true, false)]
    [InlineData(LlamaCpp, "qwen3.gguf", null, false, true)]
    [InlineData("""[{"id":"a","context_length":4096,"capabilities":["tools"]}]""", "a", 4096, true, false)]
    [InlineData("""{"data":[{"id":"a","max_model_len":-5,"context_window":1e99},{"id":"a"},{"id":7},3,{"id":""}]}""", "a", null, true, false)]
    public void OpenAICompatible(string list, string name, int? context, bool tools, bool vision)
    {
        using var document = JsonDocument.Parse(list);
        var model = Assert.Single(OpenAICompatibleServer.Read(document.RootElement)!);
        Assert.Equal((name, context, tools, vision, false), (model.Name, model.ContextLength, model.Tools, model.Vision, model.Embeddings));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"data":{}}""")]
    [InlineData("\"x\"")]
    public void NoList_IsNone(string text)
    {
        using var document = JsonDocument.Parse(text);
        Assert.Null(OpenAICompatibleServer.Read(document.RootElement));
    }

    [Fact]
    public void Ollama()
    {
        using var shown = JsonDocument.Parse(Shown);
        Assert.Equal(new DiscoveredModel("m") { ContextLength = 131072, Tools = true, Vision = true }, OllamaServer.Read("m", shown.RootElement));
        using var embedding = JsonDocument.Parse("""{"capabilities":["embedding"],"model_info":7}""");
        Assert.Equal(new DiscoveredModel("m") { Embeddings = true }, OllamaServer.Read("m", embedding.RootElement));
        using var old = JsonDocument.Parse("""{"license":"x"}""");
        Assert.Equal(new DiscoveredModel("m"), OllamaServer.Read("m", old.RootElement));
    }

    [Fact]
    public void DamagedLists_AreRead() => Fuzzer.Run(Lists);
}

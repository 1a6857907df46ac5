using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.Embeddings;

namespace Fairlead.Protocols.Tests.Embeddings;

/// <summary>Answers of every format of embeddings, good and mangled.</summary>
public sealed class EmbeddingDialectTests
{
    private static readonly (UpstreamProtocol Protocol, CloudHost Host, string Model, int Inputs, string Answer)[] Answers =
    [
        (UpstreamProtocol.OpenAIChat, CloudHost.None, "m", 2, """{"object":"list","data":[{"index":1,"embedding":[3.5,4]},{"index":0,"embedding":"AACAPwAAAEA="}],"usage":{"prompt_tokens":7,"total_tokens":7}}"""),
        (UpstreamProtocol.OpenAIChat, CloudHost.None, "unnumbered", 2, """{"data":[{"embedding":[1,2]},{"embedding":[3.5,4]}],"usage":{"total_tokens":7}}"""),
        (UpstreamProtocol.Gemini, CloudHost.None, "m", 2, """{"embeddings":[{"values":[1,2]},{"values":[3.5,4]}],"usageMetadata":{"promptTokenCount":7}}"""),
        (UpstreamProtocol.Gemini, CloudHost.Vertex, "m", 2, """{"predictions":[{"embeddings":{"values":[1,2],"statistics":{"token_count":3}}},{"embeddings":{"statistics":{"token_count":4},"values":[3.5,4]}}]}"""),
        (UpstreamProtocol.Cohere, CloudHost.None, "m", 2, """{"id":"x","embeddings":{"float":[[1,2],[3.5,4]]},"meta":{"billed_units":{"input_tokens":7}}}"""),
        (UpstreamProtocol.Bedrock, CloudHost.Bedrock, "cohere.embed-v3", 2, """{"embeddings":[[1,2],[3.5,4]],"id":"x","response_type":"embeddings_floats"}"""),
        (UpstreamProtocol.Bedrock, CloudHost.Bedrock, "cohere.embed-v4:0", 2, """{"embeddings":{"float":[[1,2],[3.5,4]]},"response_type":"embeddings_by_type"}"""),
        (UpstreamProtocol.Bedrock, CloudHost.Bedrock, "amazon.titan-embed-text-v2:0", 1, """{"embedding":[1,2],"inputTextTokenCount":7}"""),
        (UpstreamProtocol.Ollama, CloudHost.None, "m", 2, """{"model":"m","embeddings":[[1,2],[3.5,4]],"prompt_eval_count":7}"""),
    ];

    private static EmbeddingReading Read(int i, ReadOnlyMemory<byte> body) => EmbeddingDialects.Find(Answers[i].Protocol, Answers[i].Host, Answers[i].Model)!
        .ReadAnswer(body, Answers[i].Inputs, static name => name == "x-amzn-bedrock-input-token-count" ? "7" : null);

    [Fact]
    public void GoodAnswers_AreReadInOrder_AndWrittenInBothForms()
    {
        for (var i = 0; i < Answers.Length; i++)
        {
            var reading = Read(i, Encoding.UTF8.GetBytes(Answers[i].Answer));
            Assert.Null(reading.Failure);
            Assert.Equal(7, reading.PromptTokens);
            Assert.Equal(Answers[i].Inputs == 2 ? "[1,2][3.5,4]" : "[1,2]", Written(reading, asBase64: false));
            Assert.Equal(Answers[i].Inputs == 2 ? "\"AACAPwAAAEA=\"\"AABgQAAAgEA=\"" : "\"AACAPwAAAEA=\"", Written(reading, asBase64: true));
        }
    }

    [Theory]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1e400]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":["1"]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"AACAPwA="}]}""")]
    [InlineData("""{"error":{"message":"no"}}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void AnswersThatLackAVector_AreFailures(string answer) => Assert.NotNull(Read(0, Encoding.UTF8.GetBytes(answer)).Failure);

    /// <summary>The vectors of the whole answer, one after the other.</summary>
    private static string Written(EmbeddingReading reading, bool asBase64)
    {
        var output = new ArrayBufferWriter<byte>();
        EmbeddingsAnswerWriter.Write(reading.Vectors, asBase64, new AnswerIdentity("gen-1", "m", "p", 1), new AnswerCharge { Usage = default, Cost = 0 }, output);
        return string.Concat(JsonNode.Parse(output.WrittenSpan)!["data"]!.AsArray().Select(item => item!["embedding"]!.ToJsonString()));
    }
}

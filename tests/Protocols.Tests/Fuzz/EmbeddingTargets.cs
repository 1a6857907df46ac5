using System.Buffers;
using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.Embeddings;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Protocols.Tests.Fuzz;

/// <summary>Requests for embeddings, and the answers of every format: a vector for each input, or a failure in words.</summary>
internal static class EmbeddingTargets
{
    private static readonly string[] Requests =
    [
        """{"model":"m","input":["a \"b\"",[1,2],{"content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],"dimensions":8,"encoding_format":"base64","provider":{"only":["x"]}}""",
        """{"model":"m","input":"a","input_type":"search_query","user":"u"}""",
    ];

    private static readonly (string Name, UpstreamProtocol Protocol, CloudHost Host, string Model, int Inputs, string[] Answers)[] Formats =
    [
        ("openai", UpstreamProtocol.OpenAIChat, CloudHost.None, "m", 2,
        [
            """{"object":"list","data":[{"index":1,"embedding":[3.5,4]},{"index":0,"embedding":"AACAPwAAAEA="}],"usage":{"prompt_tokens":7,"total_tokens":7}}""",
            """{"data":[{"embedding":[1,2]},{"embedding":[3.5,4]}],"usage":{"total_tokens":7}}""",
        ]),
        ("gemini", UpstreamProtocol.Gemini, CloudHost.None, "m", 2, ["""{"embeddings":[{"values":[1,2]},{"values":[3.5,4]}],"usageMetadata":{"promptTokenCount":7}}"""]),
        ("vertex", UpstreamProtocol.Gemini, CloudHost.Vertex, "m", 2, ["""{"predictions":[{"embeddings":{"values":[1,2],"statistics":{"token_count":3}}},{"embeddings":{"statistics":{"token_count":4},"values":[3.5,4]}}]}"""]),
        ("cohere", UpstreamProtocol.Cohere, CloudHost.None, "m", 2, ["""{"id":"x","embeddings":{"float":[[1,2],[3.5,4]]},"meta":{"billed_units":{"input_tokens":7}}}"""]),
        ("cohere-on-bedrock", UpstreamProtocol.Bedrock, CloudHost.Bedrock, "cohere.embed-v4:0", 2,
            ["""{"embeddings":[[1,2],[3.5,4]],"id":"x","response_type":"embeddings_floats"}""", """{"embeddings":{"float":[[1,2],[3.5,4]]},"response_type":"embeddings_by_type"}"""]),
        ("titan", UpstreamProtocol.Bedrock, CloudHost.Bedrock, "amazon.titan-embed-text-v2:0", 1, ["""{"embedding":[1,2],"inputTextTokenCount":7}"""]),
        ("ollama", UpstreamProtocol.Ollama, CloudHost.None, "m", 2, ["""{"model":"m","embeddings":[[1,2],[3.5,4]],"prompt_eval_count":7}"""]),
    ];

    public static IEnumerable<FuzzTarget> All =>
    [
        new FuzzTarget("embeddings-request", [.. Requests.Select(Encoding.UTF8.GetBytes)], (body, _) =>
        {
            var (request, error) = EmbeddingsRequestReader.Read(body);
            Assert.True(request is null ? error is { Status: 400, Message.Length: > 0 } : error is null && request.Embeddings!.Inputs.Count > 0);
        }),
        .. Formats.Select(format => new FuzzTarget(format.Name + "-embeddings-answer", [.. format.Answers.Select(Encoding.UTF8.GetBytes)], (body, random) =>
        {
            var reading = EmbeddingDialects.Find(format.Protocol, format.Host, format.Model)!.ReadAnswer(body, format.Inputs, static name => name == "x-amzn-bedrock-input-token-count" ? "7" : null);
            if (reading.Failure is { } failure)
            {
                Assert.NotEmpty(failure.Message);
                return;
            }

            Assert.Equal(format.Inputs, reading.Vectors.Count);
            var output = new ArrayBufferWriter<byte>();
            EmbeddingsAnswerWriter.Write(reading.Vectors, random.Next(2) == 0, new AnswerIdentity("gen-1", "m", "p", 1), new AnswerCharge { Usage = default, Cost = 0 }, output);
            Assert.True(JsonCheck.IsValid(output.WrittenSpan));
        })),
    ];
}

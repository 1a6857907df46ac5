using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Golden;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>A provider that ends its answer with an error after content: the answer broke, on every surface, and does not look whole (inference §4.5, I-30, I-51).</summary>
public sealed class ErrorFinishTests(GoldenHost host) : IClassFixture<GoldenHost>
{
    private static readonly (string Model, string Native, string Stream)[] Upstreams =
    [
        ("google/gemini-2.5-flash", "MALFORMED_FUNCTION_CALL", Gemini("MALFORMED_FUNCTION_CALL")),
        ("google/gemini-2.5-flash", "OTHER", Gemini("OTHER")),
        ("cohere/command-a", "ERROR", Cohere("ERROR")),
        ("cohere/command-a", "TIMEOUT", Cohere("TIMEOUT")),
        (
            "openai/gpt-5-mini", "error",
            """
            data: {"id":"a","choices":[{"index":0,"delta":{"role":"assistant","content":"partial"}}]}

            data: {"id":"a","choices":[{"index":0,"delta":{},"finish_reason":"error"}]}

            data: {"id":"a","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}

            data: [DONE]


            """),
    ];

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var surface in (string[])["chat/completions", "completions", "messages", "responses"])
        {
            foreach (var (_, native, _) in Upstreams)
                data.Add(surface, native);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task StreamEndsWithAnErrorAfterContent_IsBrokenInBand(string surface, string native)
    {
        var (model, _, stream) = Upstreams.Single(upstream => upstream.Native == native);
        host.Upstream.Play(new WireAnswer(200, "text/event-stream", CrLf: false, stream), []);
        var (text, id) = await AskAsync(surface, model);

        Assert.Contains("partial", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"cost\"", text, StringComparison.Ordinal);
        var events = Events(text);
        if (surface == "messages")
        {
            Assert.Equal("error", (string?)events[^1]["type"]);
            Assert.DoesNotContain(events, e => (string?)e["type"] is "message_delta" or "message_stop");
        }
        else if (surface == "responses")
        {
            Assert.Equal(["error", "response.failed"], events.TakeLast(2).Select(e => (string?)e["type"]));
            Assert.DoesNotContain(events, e => (string?)e["type"] is "response.completed" or "response.incomplete");
        }
        else
        {
            var last = events[^1];
            Assert.Equal(502, (int)last["error"]!["code"]!);
            Assert.Equal(native, (string?)last["error"]!["metadata"]!["provider_code"]);
            Assert.Equal("error", (string?)last["choices"]![0]!["finish_reason"]);
            Assert.Equal(native, (string?)last["choices"]![0]!["native_finish_reason"]);
            Assert.All(events.SkipLast(1), e => Assert.Null((string?)e["choices"]![0]!["finish_reason"]));
            Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        }

        var record = await host.Gateway.GenerationAsync(id);
        Assert.Equal(("error", native, 0m), ((string?)record["finish_reason"], (string?)record["native_finish_reason"], (decimal)record["total_cost"]!));
    }

    private static string Gemini(string reason) =>
        $$$"""
        data: {"candidates":[{"content":{"role":"model","parts":[{"text":"partial"}]}}]}

        data: {"candidates":[{"finishReason":"{{{reason}}}"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1,"totalTokenCount":4}}


        """;

    private static string Cohere(string reason) =>
        """
        data: {"type":"message-start","id":"a","delta":{"message":{"role":"assistant"}}}

        data: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}

        data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"partial"}}}}

        data: {"type":"message-end","delta":{"finish_reason":"REASON","usage":{"billed_units":{"input_tokens":3,"output_tokens":1},"tokens":{"input_tokens":3,"output_tokens":1}}}}


        """.Replace("REASON", reason, StringComparison.Ordinal);

    private static List<JsonNode> Events(string text) =>
    [
        .. text.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal) && line != "data: [DONE]").Select(line => JsonNode.Parse(line["data: ".Length..])!),
    ];

    private async Task<(string Text, string GenerationId)> AskAsync(string surface, string model)
    {
        var body = new JsonObject { ["model"] = model, ["stream"] = true };
        if (surface == "responses")
            body["input"] = "hi";
        else if (surface == "completions")
            body["prompt"] = "hi";
        else
            (body["max_tokens"], body["messages"]) = (50, new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hi" }));
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await host.Gateway.Client.PostAsync("api/v1/" + surface, content);
        return (await response.Content.ReadAsStringAsync(), response.Headers.GetValues("X-Generation-Id").Single());
    }
}

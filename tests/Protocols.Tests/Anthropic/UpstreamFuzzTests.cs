using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.OpenAI.Responses.Upstream;
using Fairlead.Protocols.Ollama;
using FsCheck;
using FsCheck.Fluent;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

/// <summary>Whatever a provider sends, reading it gives a value, never an exception; whatever a caller said, writing it gives JSON or an error.</summary>
public class UpstreamFuzzTests
{
    private static readonly (IUpstreamDialect Dialect, UpstreamTarget Target)[] Upstreams =
    [
        (AnthropicMessagesDialect.Instance, Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5")),
        (GeminiDialect.Instance, Target(UpstreamProtocol.Gemini, "gemini-3-pro-preview")),
        (CohereDialect.Instance, Target(UpstreamProtocol.Cohere, "command-a")),
        (ResponsesDialect.Instance, Target(UpstreamProtocol.OpenAIResponses, "gpt-5-pro")),
        (BedrockDialect.Instance, Target(UpstreamProtocol.Bedrock, "us.amazon.nova-2-lite-v1:0")),
        (AnthropicOnBedrockDialect.Instance, Target(UpstreamProtocol.AnthropicMessages, "us.anthropic.claude-sonnet-4-5-v1:0") with { Host = CloudHost.Bedrock }),
        (OllamaDialect.Instance, Target(UpstreamProtocol.Ollama, "qwen3:8b")),
    ];

    private static readonly string[] Good =
    [
        """{"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":2},"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[{"type":"x","url":"https://a.example","title":"t"}]}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h\u00e9\ud83d\ude00"}}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":[1,{"b":null}]}}}""",
        """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}""",
        """{"type":"content_block_start","index":2,"content_block":{"type":"thinking","thinking":"x","signature":"s"}}""",
        """{"type":"content_block_stop","index":1}""",
        """{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"explanation":"e"}},"usage":{"output_tokens":5,"iterations":[{"input_tokens":1}]}}""",
        """{"type":"error","error":{"type":"overloaded_error","message":"m"}}""",
        """{"id":"m","type":"message","content":[{"type":"text","text":"x"},{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}""",
        """{"candidates":[{"content":{"parts":[{"text":"a","thought":true},{"text":"b","thoughtSignature":"s"},{"functionCall":{"name":"f","args":{"x":1}}}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":1}]},"responseId":"r"}""",
        """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true}},{"functionCall":{"partialArgs":[{"jsonPath":"$.a.b[0]['c']","stringValue":"v","willContinue":true},{"jsonPath":"$.n","numberValue":1}],"willContinue":true}}]}}]}""",
        """{"candidates":[{"content":{"parts":[{"text":"é☂"}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}],"groundingSupports":[{"segment":{"startIndex":1,"endIndex":99},"groundingChunkIndices":[0]}]}}]}""",
        """{"id":"a","type":"message-start","delta":{"message":{"role":"assistant"}}}""",
        """{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I"}}}""",
        """{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"x","text":"h\u00e9\ud83d\ude00"}}}}""",
        """{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c","type":"function","function":{"name":"f","arguments":""}}}}}""",
        """{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}""",
        """{"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":1,"end":9,"text":"t","sources":[{"type":"document","document":{"url":"https://a.example","title":"t"}}],"type":"TEXT_CONTENT"}}}}""",
        """{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":1,"output_tokens":2},"tokens":{"input_tokens":9},"cached_tokens":3}}}""",
        """{"id":"a","message":{"role":"assistant","tool_plan":"p","content":[{"type":"text","text":"x"},{"type":"thinking","thinking":"y"}],"tool_calls":[{"id":"c","function":{"name":"f","arguments":"null"}}],"citations":[{"start":0,"end":1}]},"finish_reason":"TOOL_CALL","usage":{"billed_units":{}}}""",
        """{"output":{"message":{"role":"assistant","content":[{"text":"x"},{"reasoningContent":{"reasoningText":{"text":"t","signature":"s"}}},{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1}}}]}},"stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2,"cacheDetails":[{"ttl":"1h","inputTokens":3}]}}""",
        """{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"f"}},"delta":{"toolUse":{"input":"{\"a\":1}"},"reasoningContent":{"text":"t"}},"stopReason":"end_turn","usage":{"inputTokens":1}}""",
        """{"bytes":"eyJ0eXBlIjoibWVzc2FnZV9zdG9wIn0=","p":"abc"}""",
        """{"model":"m","created_at":"t","message":{"role":"assistant","content":"h\u00e9\ud83d\ude00","thinking":"x","tool_calls":[{"function":{"index":0,"name":"f","arguments":{"a":[1,{"b":null}]}}}]},"done":false}""",
        """{"model":"m","message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2}""",
        """{"error":"out of memory"}""",
        """{"type":"response.created","response":{"id":"r","model":"m","status":"in_progress"},"sequence_number":0}""",
        """{"type":"response.output_item.added","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[]}}""",
        """{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"h\u00e9"}""",
        """{"type":"response.output_item.done","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[{"type":"summary_text","text":"x"}],"content":[{"text":"y"}],"encrypted_content":"e"}}""",
        """{"type":"response.output_item.added","output_index":1,"item":{"id":"fc","type":"function_call","call_id":"c","name":"f","arguments":""}}""",
        """{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{\"a\":1}"}""",
        """{"type":"response.function_call_arguments.done","output_index":1,"arguments":"{\"a\":1}"}""",
        """{"type":"response.output_text.delta","output_index":2,"content_index":0,"delta":"t"}""",
        """{"type":"response.output_text.annotation.added","output_index":2,"content_index":0,"annotation":{"type":"url_citation","url":"u","title":"t","start_index":-1,"end_index":9e9}}""",
        """{"type":"response.refusal.done","output_index":2,"content_index":1,"refusal":"no"}""",
        """{"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation","url":"u"}]},{"refusal":"r"}]},{"type":"web_search_call"},{"type":"image_generation_call","result":"AA=="},{"type":"function_call","call_id":"c","name":"f"}],"incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":1},"output_tokens":-2}}}""",
        """{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"m"}}}""",
        """{"type":"error","code":"server_error","message":"m","param":null}""",
        """{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"PerDay"}]},{"retryDelay":"1e3s"}]}}""",
    ];

    // Only Bedrock's readers look at them.
    private static readonly string[] Names =
        ["x", "contentBlockStart", "contentBlockDelta", "chunk", "contentBlockStop", "messageStop", "metadata", "contentBlockDelta", "throttlingException", "error"];

    private static readonly string[] Splices =
    [
        "null", "true", "-1", "1e999", "0.5", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[[", "}}", "\"\\u0000\"", ",", ":", "\\", "\"", "\uFEFF", "9223372036854775808", "-9223372036854775808", "\\ud83d",
    ];

    private static readonly string[] Dates = ["Fri, 20 Nov 2026 12:00:30 GMT", "9999-12-31T23:59:59Z", "0001-01-01", "x", "-5", "1e99", "99999999999999999999999"];

    [Fact]
    public void MutatedEvents_NeverThrow()
    {
        var cases = from which in Gen.Choose(0, Good.Length - 1)
                    from kind in Gen.Choose(0, 2)
                    from at in Gen.Choose(0, 10_000)
                    from length in Gen.Choose(0, 30)
                    from value in Gen.Choose(0, 255)
                    from splice in Gen.Elements(Splices)
                    select Mutate(Encoding.UTF8.GetBytes(Good[which]), kind, at, length, (byte)value, splice);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(cases.ToArbitrary(), IsRead));
    }

    [Fact]
    public void RandomBytes_NeverThrow() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), b => IsRead(b ?? [])));

    [Fact]
    public void MutatedStreams_NeverThrow_AndNeverFinishTwice()
    {
        var cases = from order in Gen.ListOf(Gen.Choose(0, Good.Length - 1))
                    from which in Gen.Choose(0, 100)
                    from at in Gen.Choose(0, 10_000)
                    from splice in Gen.Elements(Splices)
                    select (order, which, at, splice);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_500), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            foreach (var (dialect, target) in Upstreams)
            {
                var reader = dialect.CreateEventReader(target);
                var events = new List<AnswerEvent>();
                var n = 0;
                foreach (var which in c.order)
                {
                    var bytes = Encoding.UTF8.GetBytes(Good[which]);
                    if (n++ == c.which)
                        bytes = Mutate(bytes, 1, c.at, 0, 0, c.splice);
                    if (reader.Read(Encoding.UTF8.GetBytes(Names[n % Names.Length]), bytes, events) == StreamStep.Unreadable)
                        break;
                }
                reader.Complete(events);
                reader.Complete(events);
                Assert.True(events.OfType<AnswerFinished>().Count() <= 1);
                var started = events.OfType<ToolCallStarted>().Select(call => call.Index).ToList();
                Assert.Equal(Enumerable.Range(0, started.Count), started);
                Assert.All(events.OfType<ToolCallArguments>(), a => Assert.InRange(a.Index, 0, started.Count - 1));
            }
        }));
    }

    [Fact]
    public void NamesThatAreNoText_AreReadPast() => Assert.True(IsRead(
        """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true,"partialArgs":[{"jsonPath":"$.a","x\ud800":1}]}}]}}]}"""u8.ToArray()));

    [Fact]
    public void DeepNesting_IsUnreadable_NotACrash()
    {
        var deep = Encoding.UTF8.GetBytes("{\"type\":" + new string('[', 100_000));
        Assert.True(IsRead(deep));
    }

    [Fact]
    public void AnyText_IsWrittenAsJsonThatReadsBackTheSame()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(ArbMap.Default.ArbFor<string>(), ArbMap.Default.ArbFor<string>(), (a, b) =>
        {
            var (text, other) = (a ?? "", b ?? "");
            var request = With(new Conversation
            {
                Messages =
                [
                    Instructions(other), User(text), Assistant(other, new ToolCall(other, text, text)) with
                    {
                        ReasoningDetails = [new() { Type = "reasoning.text", Text = text, Signature = other }, new() { Type = "reasoning.encrypted", Format = "google-gemini-v1", Id = other, Data = text }],
                    },
                    Result(other, text), User("end" + text + "."),
                ],
                Tools = [Tool("f", """{"type":"object","properties":{"a":{"type":"string"}}}""")],
            }) with
            { Stop = [text] };
            foreach (var (dialect, target) in Upstreams)
            {
                var output = new ArrayBufferWriter<byte>();
                Assert.Null(dialect.WriteRequest(request, target, default, output));
                using var written = JsonDocument.Parse(output.WrittenMemory);
                var last = written.RootElement.EnumerateObject().First(m => m.Name is "messages" or "contents" or "input").Value.EnumerateArray().Last();
                var said = last.TryGetProperty("parts", out var parts) ? parts.EnumerateArray().Last().GetProperty("text").GetString()
                    : last.GetProperty("content") is { ValueKind: JsonValueKind.String } plain ? plain.GetString() : last.GetProperty("content").EnumerateArray().Last().GetProperty("text").GetString();
                Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes("end" + text + ".")), said);
            }
        }));
    }

    private static bool IsRead(byte[] bytes)
    {
        foreach (var (dialect, target) in Upstreams)
        {
            var reading = dialect.ReadAnswer(bytes, target);
            Assert.True(reading.Failure is not null || reading.Events is not null);
            foreach (var date in Dates)
                Assert.NotEmpty(dialect.ReadFailure(429, name => name is "retry-after" or "date" ? date : null, bytes).Message);
            Assert.NotEmpty(dialect.ReadFailure(200, _ => null, bytes).Message);
            var reader = dialect.CreateEventReader(target);
            var events = new List<AnswerEvent>();
            foreach (var name in Names)
                reader.Read(Encoding.UTF8.GetBytes(name), bytes, events);
            reader.Read(default, bytes, events);
            reader.Complete(events);
        }
        return true;
    }

    private static byte[] Mutate(byte[] good, int kind, int at, int length, byte value, string splice)
    {
        at %= good.Length;
        var end = Math.Min(at + length, good.Length);
        return kind switch
        {
            0 => [.. good[..at], value, .. good[(at + 1)..]],
            1 => [.. good[..at], .. Encoding.UTF8.GetBytes(splice), .. good[end..]],
            _ => [.. good[..at], .. good[end..]],
        };
    }
}

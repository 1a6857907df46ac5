using System.Buffers;
using System.Text;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Tests.ChatUpstream;

public sealed class ChatStreamEditorTests
{
    private const string Head = """{"id":"gen-1","object":"chat.completion.chunk","created":42,"model":"acme/model","provider":"Acme",""";

    [Fact]
    public void ContentDelta_KeepsTextAndUnknownMembers()
    {
        var stream = new EditedStream();
        stream.Feed("""{"id":"up-1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"Hé\"\n","new_member":{"a":1.50}},"logprobs":null,"finish_reason":null,"content_filter_results":{}}],"x_groq":{"id":"r"}}""");
        Assert.Equal(
            "data: " + Head + """
            "system_fingerprint":"fp","x_groq":{"id":"r"},"choices":[{"index":0,"content_filter_results":{},"delta":{"role":"assistant","content":"Hé\"\n","new_member":{"a":1.50}},"logprobs":null,"finish_reason":null,"native_finish_reason":null}]}
            """ + "\n\n",
            stream.Output);
        Assert.True(stream.Editor.HasContent);
        Assert.Equal("up-1", stream.Editor.UpstreamId);
    }

    [Fact]
    public void EventsAlikeButForTheText_GiveTheSameAsTheLongWay()
    {
        string[] texts = ["one", "two \\n", "\\u00e9\\\"q\\\"", "déjà", "\\ud83d", "{}", "a\\\\"];
        var together = new EditedStream();
        foreach (var text in texts)
            together.Feed(Content(text));
        var apart = string.Concat(texts.Select(text =>
        {
            var alone = new EditedStream();
            alone.Feed(Content(text));
            return alone.Output;
        }));
        Assert.Equal(apart, together.Output);
    }

    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a","x":"b"}}]}""", """{"choices":[{"index":0,"delta":{"content":"a"}}],"y":""}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"}}]}""", """{"choices":[{"index":0,"delta":{"content":"a","content":"b"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"}}]}""", """{"choices":[{"index":0,"delta":{"content":"a\"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"}}]}""", """{"choices":[{"index":0,"delta":{"content":"a\q"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"}}]}""", """{"choices":[{"index":0,"delta":{"content":"\u12"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"}}]}""", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\u0001\"}}]}")]
    public void EventThatOnlyLooksAlike_IsReadTheLongWay(string first, string second)
    {
        var after = new EditedStream();
        after.Feed(first);
        var before = after.Output.Length;
        var stepAfter = after.Feed(second);
        var alone = new EditedStream();
        var stepAlone = alone.Feed(second);
        Assert.Equal(stepAlone, stepAfter);
        Assert.Equal(alone.Output, after.Output[before..]);
    }

    [Fact]
    public void FinishUsageAndEnd_AreWrittenOnceInOrder()
    {
        var stream = new EditedStream();
        stream.Feed(Content("x"));
        stream.Feed("""{"choices":[{"index":0,"delta":{},"finish_reason":"eos"}],"usage":null}""");
        stream.Feed("""{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}""");
        stream.Feed("""{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}""");
        Assert.Equal(StreamStep.End, stream.Feed("[DONE]"));
        Assert.True(stream.Complete());
        stream.End();
        var chunks = stream.Chunks();
        Assert.Equal(3, chunks.Count);
        Assert.Equal("stop", (string?)chunks[1]["choices"]![0]!["finish_reason"]);
        Assert.Equal("eos", (string?)chunks[1]["choices"]![0]!["native_finish_reason"]);
        Assert.Empty(chunks[2]["choices"]!.AsArray());
        Assert.Equal(7, (int)chunks[2]["usage"]!["total_tokens"]!);
        Assert.EndsWith("data: [DONE]\n\n", stream.Output, StringComparison.Ordinal);
        Assert.Equal((FinishReason.Stop, "eos"), (stream.Editor.Finish, stream.Editor.NativeFinish));
        Assert.Equal(new Usage { PromptTokens = 3, CompletionTokens = 4 }, stream.Editor.Usage);
        Assert.All(chunks.Take(2), chunk => Assert.Null(chunk["usage"]));
    }

    [Theory]
    [InlineData("reasoning_content")]
    [InlineData("reasoning")]
    public void ReasoningField_BecomesReasoningAndDetails(string field)
    {
        var stream = new EditedStream();
        stream.Feed($$$"""{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"{{{field}}}":"hm\n"}}]}""");
        stream.Feed($$$"""{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"{{{field}}}":"so"}}]}""");
        var deltas = stream.Deltas();
        Assert.Equal(["hm\n", "so"], deltas.Select(d => (string?)d["reasoning"]));
        Assert.Equal("""[{"type":"reasoning.text","format":"unknown","index":0,"text":"so"}]""", deltas[1]["reasoning_details"]!.ToJsonString());
        Assert.All(deltas, d => Assert.Equal("", (string?)d["content"]));
        Assert.All(deltas, d => Assert.False(d.ContainsKey("reasoning_content")));
    }

    [Fact]
    public void BothReasoningFields_AreToldOnce()
    {
        var stream = new EditedStream();
        stream.Feed("""{"choices":[{"delta":{"reasoning":"same","reasoning_content":"same"}}]}""");
        Assert.Equal("same", (string?)stream.Deltas().Single()["reasoning"]);
    }

    [Fact]
    public void ExcludedReasoning_IsNotShownButCounts()
    {
        var stream = new EditedStream(exclude: true);
        stream.Feed("""{"choices":[{"index":0,"delta":{"reasoning":"secret"}}]}""");
        stream.Feed("""{"choices":[{"index":0,"delta":{"reasoning":"secret too"}}]}""");
        stream.Feed("""{"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.encrypted","data":"opaque"},{"type":"reasoning.text","text":"secret"}]}}]}""");
        stream.Feed(Content("shown"));
        Assert.DoesNotContain("secret", stream.Output, StringComparison.Ordinal);
        Assert.Contains("opaque", stream.Output, StringComparison.Ordinal);
        Assert.True(stream.Editor.HasOutput);
        Assert.Equal(["", "", "shown"], stream.Deltas().Select(d => (string?)d["content"]));
    }

    [Fact]
    public void MistralTypedContent_IsSplit()
    {
        var stream = new EditedStream();
        stream.Feed("""{"choices":[{"index":0,"delta":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"2 + 2 = \"4\""}]}}]}""");
        var delta = stream.Deltas().Single();
        Assert.Equal("hm", (string?)delta["reasoning"]);
        Assert.Equal("2 + 2 = \"4\"", (string?)delta["content"]);
    }

    [Theory]
    [InlineData("<think>deep</think>\n\nanswer", "deep", "answer")]
    [InlineData("\n <think>\ndeep < 3 </thin k></think>answer <think>no</think>", "\ndeep < 3 </thin k>", "answer <think>no</think>")]
    [InlineData("<thin air", "", "<thin air")]
    [InlineData("answer <think>no</think>", "", "answer <think>no</think>")]
    [InlineData("<think>never closed", "never closed", "")]
    [InlineData("<think>cut </thi", "cut </thi", "")]
    [InlineData("<think></think>x", "", "x")]
    [InlineData("<think>a<</think>x", "a<", "x")]
    [InlineData("   ", "", "   ")]
    [InlineData("<", "", "<")]
    public void ThinkTags_AreSplitWhateverTheCut(string text, string reasoning, string content)
    {
        foreach (var size in Enumerable.Range(1, 9).Append(text.Length))
        {
            var stream = new EditedStream();
            foreach (var piece in text.Chunk(size))
                stream.Feed(Content(System.Text.Json.JsonEncodedText.Encode(new string(piece)).ToString()));
            stream.Feed("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
            Assert.True(stream.Complete());
            var deltas = stream.Deltas();
            Assert.Equal(content, string.Concat(deltas.Select(d => (string?)d["content"])));
            Assert.Equal(reasoning, string.Concat(deltas.Select(d => (string?)d["reasoning"])));
            Assert.Equal("stop", (string?)stream.Chunks()[^1]["choices"]![0]!["finish_reason"]);
        }
    }

    [Theory]
    // Index base 1; whole calls with the same index; no index; neither index nor id; empty names and ids later.
    [InlineData("""[{"index":1,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]|[{"index":2,"id":"b","function":{"name":"g","arguments":"{\"x\":1}"}}]""", "a f {}; b g {\"x\":1}")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]|[{"index":0,"id":"b","function":{"name":"f","arguments":"[]"}}]""", "a f {}; b f []")]
    [InlineData("""[{"id":"a","function":{"name":"f","arguments":"{\"x\""}}]|[{"id":"a","function":{"arguments":":1}"}}]|[{"function":{"arguments":" "}}]""", "a f {\"x\":1} ")]
    [InlineData("""[{"function":{"name":"f","arguments":"{}"}},{"function":{"name":"g","arguments":"{}"}}]""", "call_ f {}; call_ g {}")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]|[{"index":0,"id":"","function":{"name":"","arguments":"{\"q\":1}"}}]|[{"index":0,"id":"","function":{"arguments":""}}]""", "a f {\"q\":1}")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":"\"y\""}}}]""", "a f {\"x\":\"\\\"y\\\"\"}")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":null}}]""", "a f {}")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"null"}}]""", "a f {}")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f"}}]""", "a f {}")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":1,"id":"a","function":{"name":"f","arguments":"{}"}}]""", "a f {}; call_ f {}")]
    [InlineData("""[{"index":0,"id":null,"function":{"name":"f","arguments":"{}"}}]""", "call_ f {}")]
    public void ToolCalls_GetOneForm(string deltas, string expected)
    {
        var stream = new EditedStream();
        foreach (var calls in deltas.Split('|'))
            stream.Feed($$$"""{"choices":[{"index":0,"delta":{"content":null,"tool_calls":{{{calls}}}}}]}""");
        stream.Feed("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        Assert.True(stream.Complete());
        Assert.Equal(expected, stream.Calls());
        Assert.Equal(FinishReason.ToolCalls, stream.Editor.Finish);
        Assert.Equal("tool_calls", (string?)stream.Chunks()[^1]["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public void LegacyFunctionCall_BecomesAToolCall()
    {
        var stream = new EditedStream();
        stream.Feed("""{"choices":[{"index":0,"delta":{"function_call":{"name":"f","arguments":"{\"x\""}}}]}""");
        stream.Feed("""{"choices":[{"index":0,"delta":{"function_call":{"arguments":":1}"}}}]}""");
        stream.Feed("""{"choices":[{"index":0,"delta":{},"finish_reason":"function_call"}]}""");
        Assert.Equal("call_ f {\"x\":1}", stream.Calls());
        Assert.Equal((FinishReason.ToolCalls, "function_call"), (stream.Editor.Finish, stream.Editor.NativeFinish));
    }

    [Fact]
    public void ToolCallMembersWeDoNotKnow_Survive()
    {
        var stream = new EditedStream();
        stream.Feed("""{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}","z":1},"extra_content":{"google":{"thought_signature":"s"}}}]}}]}""");
        Assert.Contains("\"extra_content\":{\"google\":{\"thought_signature\":\"s\"}}", stream.Output, StringComparison.Ordinal);
        Assert.Contains("\"z\":1", stream.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("length", FinishReason.Length)]
    [InlineData("content_filter", FinishReason.ContentFilter)]
    [InlineData("tool_calls", FinishReason.Stop)]
    [InlineData("something_new", FinishReason.Stop)]
    [InlineData("insufficient_system_resource", FinishReason.Error)]
    [InlineData("model_length", FinishReason.Length)]
    public void Finish_IsNormalised(string native, FinishReason expected)
    {
        var stream = new EditedStream();
        stream.Feed(Content("x"));
        stream.Feed($$$"""{"choices":[{"index":0,"delta":{},"finish_reason":"{{{native}}}"}]}""");
        Assert.Equal((expected, native), (stream.Editor.Finish, stream.Editor.NativeFinish));
    }

    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"y"}}]}""", """{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"y"},"finish_reason":"error"}]}""", "")]
    public void FinishThatIsAnError_IsSaidByTheErrorChunkAlone(string second, string third)
    {
        var stream = new EditedStream();
        stream.Feed(Content("x"));
        stream.Feed(second);
        stream.Feed(third);
        stream.Feed("[DONE]");
        Assert.True(stream.Complete());
        stream.Editor.WriteFinish(FinishReason.Length, stream.Buffer);
        Assert.Equal(FinishReason.Error, stream.Editor.Finish);
        Assert.Equal(["x", "y"], stream.Deltas().Select(delta => (string?)delta["content"]));
        Assert.All(stream.Chunks(), chunk => Assert.Null(chunk["choices"]![0]!["finish_reason"]));

        stream.Editor.WriteFailure(new GatewayError { Kind = ErrorKind.ProviderUnavailable, Message = "gone" }, stream.Buffer);
        var last = stream.Chunks()[^1]["choices"]![0]!;
        Assert.Equal(("error", "error"), ((string?)last["finish_reason"], (string?)last["native_finish_reason"]));
    }

    [Theory]
    [InlineData("""{"x_groq":{"usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}},"choices":[]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":6}}""")]
    [InlineData("""{"choices":[],"timings":{"prompt_n":3,"cache_n":2,"predicted_n":6}}""")]
    public void Usage_IsFoundWhereHostsPutIt(string chunk)
    {
        var stream = new EditedStream();
        stream.Feed("""{"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":5,"completion_tokens":1}}""");
        if (chunk.Contains("timings", StringComparison.Ordinal))
            stream = new EditedStream();
        stream.Feed(chunk);
        Assert.Equal((5, 6), (stream.Editor.Usage?.PromptTokens, stream.Editor.Usage?.CompletionTokens));
    }

    [Theory]
    [InlineData("", """{"error":{"message":"boom","type":"server_error","code":500}}""", "boom")]
    [InlineData("", """{"error":"boom"}""", "boom")]
    [InlineData("error", """{"message":"boom"}""", "boom")]
    [InlineData("", """{"choices":[],"x_groq":{"error":"boom"}}""", "boom")]
    [InlineData("", """{"object":"error","message":"boom","code":400}""", "boom")]
    [InlineData("", """{"detail":"boom"}""", "boom")]
    [InlineData("", """{"choices":null,"base_resp":{"status_code":1002,"status_msg":"boom"}}""", "boom")]
    [InlineData("", """{"choices":[{"index":0,"error":{"code":502,"message":"boom"},"delta":{},"finish_reason":"error"}]}""", "boom")]
    public void ErrorInBand_IsAFailure(string name, string data, string message)
    {
        var stream = new EditedStream();
        Assert.Equal(StreamStep.End, stream.Feed(data, name));
        Assert.Equal(message, stream.Editor.Failure?.Message);
        Assert.Equal("", stream.Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{}}]}""")]
    [InlineData("""{"type":"ping"}""")]
    [InlineData("\"text\"")]
    [InlineData("""{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[]}""")]
    [InlineData("""{"choices":[{"index":0,"finish_reason":null,"content_filter_results":{"hate":{"filtered":false}},"content_filter_offsets":{"check_offset":5,"start_offset":0,"end_offset":90}}],"created":0,"id":"","model":"","object":""}""")]
    public void KeepAlive_SaysNothing(string data)
    {
        var stream = new EditedStream();
        Assert.Equal(StreamStep.Continue, stream.Feed(data));
        Assert.Equal("", stream.Output);
        Assert.False(stream.Editor.HasContent);
    }

    [Theory]
    [InlineData("{\"choices\":[")]
    [InlineData("<html>")]
    [InlineData("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}")]
    [InlineData("{\"choices\":[{\"index\":9999,\"delta\":{\"content\":\"x\"}}]}")]
    public void BrokenEvent_IsUnreadableAndWritesNothing(string data)
    {
        var stream = new EditedStream();
        Assert.Equal(StreamStep.Unreadable, stream.Feed(data));
        Assert.Equal("", stream.Output);
    }

    [Fact]
    public void StreamWithoutFinish_IsIncomplete_UnlessTheHostSaidDone()
    {
        var cut = new EditedStream();
        cut.Feed(Content("x"));
        Assert.False(cut.Complete());

        var done = new EditedStream();
        done.Feed(Content("x"));
        done.Feed("[DONE]");
        Assert.True(done.Complete());
        Assert.Equal("stop", (string?)done.Chunks()[^1]["choices"]![0]!["finish_reason"]);

        var nothing = new EditedStream();
        nothing.Feed("[DONE]");
        Assert.False(nothing.Complete());
    }

    [Fact]
    public void WholeMessageInAStream_IsADelta_AndIsNotRepeatedAfterDeltas()
    {
        var whole = new EditedStream();
        whole.Feed("""{"choices":[{"index":0,"message":{"role":"assistant","content":"all"},"finish_reason":"stop"}]}""");
        Assert.Equal("all", (string?)whole.Deltas().Single()["content"]);

        var repeated = new EditedStream();
        repeated.Feed(Content("all"));
        repeated.Feed("""{"object":"chat.completion.done","choices":[{"index":0,"message":{"role":"assistant","content":"all"},"finish_reason":"stop"}]}""");
        Assert.Equal("all", string.Concat(repeated.Deltas().Select(d => (string?)d["content"])));
    }

    [Fact]
    public void SeveralChoices_KeepApart()
    {
        var stream = new EditedStream();
        stream.Feed("""{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}""");
        stream.Feed("""{"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}""");
        Assert.False(stream.Complete());
        stream.Feed("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        Assert.True(stream.Complete());
        Assert.Equal("0a 1b 1 0", string.Join(' ', stream.Chunks().Select(c => $"{c["choices"]![0]!["index"]}{c["choices"]![0]!["delta"]!["content"]}")));
    }

    [Fact]
    public void Citations_BecomeAnnotationsBeforeTheFinish()
    {
        var stream = new EditedStream();
        stream.Feed("""{"citations":["https://a.example","https://b.example"],"search_results":[{"title":"B","url":"https://b.example"}],"choices":[{"index":0,"delta":{"content":"x[1]"}}]}""");
        stream.Feed("""{"citations":["https://a.example","https://b.example"],"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}""");
        var last = stream.Chunks()[^1]["choices"]![0]!;
        Assert.Equal("stop", (string?)last["finish_reason"]);
        Assert.Equal(
            """[{"type":"url_citation","url_citation":{"url":"https://a.example","title":"","start_index":0,"end_index":0}},{"type":"url_citation","url_citation":{"url":"https://b.example","title":"B","start_index":0,"end_index":0}}]""",
            last["delta"]!["annotations"]!.ToJsonString());
    }

    [Fact]
    public void OurOwnEndings_AreChunksOfTheSameStream()
    {
        var stream = new EditedStream();
        stream.Feed(Content("x"));
        stream.Editor.WriteFinish(FinishReason.Length, stream.Buffer);
        stream.Editor.WriteFailure(new GatewayError { Kind = ErrorKind.ProviderUnavailable, Message = "gone" }, stream.Buffer);
        var chunks = stream.Chunks();
        Assert.Equal("length", (string?)chunks[1]["choices"]![0]!["finish_reason"]);
        Assert.Equal(502, (int)chunks[2]["error"]!["code"]!);
        Assert.EndsWith("data: [DONE]\n\n", stream.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AfterAFailureOrAFinish_NothingIsSaidTwice()
    {
        var failed = new EditedStream();
        failed.Feed(Content("x"));
        failed.Feed("""{"error":{"message":"boom"}}""");
        Assert.Equal(StreamStep.End, failed.Feed(Content("y")));
        Assert.False(failed.Complete());
        Assert.Single(failed.Chunks());

        var finished = new EditedStream();
        finished.Feed("""{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}""");
        finished.Editor.WriteFinish(FinishReason.Length, finished.Buffer);
        finished.Editor.WriteFailure(new GatewayError { Kind = ErrorKind.ProviderUnavailable, Message = "gone" }, finished.Buffer);
        var chunks = finished.Chunks();
        Assert.Equal(2, chunks.Count);
        Assert.Empty(chunks[1]["choices"]!.AsArray());
    }

    [Fact]
    public void Images_AreCounted()
    {
        var stream = new EditedStream();
        stream.Feed("""{"choices":[{"index":0,"delta":{"images":[{"type":"image_url","image_url":{"url":"data:,"}},{"type":"image_url","image_url":{"url":"data:,"}}]}}]}""");
        Assert.Equal(2, stream.Editor.Images);
        Assert.True(stream.Editor.HasOutput);
    }

    [Fact]
    public void TokenEvent_AllocatesNothing()
    {
        var stream = new EditedStream();
        var data = Encoding.UTF8.GetBytes(Content(" token"));
        var other = Encoding.UTF8.GetBytes("""{"id":"x","created":7,"choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}]}""");
        var sink = new CountingSink();
        // Long enough for the meter's buffer to have grown past what the measured part adds.
        for (var i = 0; i < 800; i++)
            Translate(i);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
            Translate(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sink.Count > 0);

        // Alternating shapes: the quick way and the long way both count.
        void Translate(int i)
        {
            if (stream.Editor.Translate(default, i % 4 == 0 ? other : data, sink) != StreamStep.Continue)
                throw new InvalidOperationException();
        }
    }

    [Fact]
    public void RandomEvents_NeverThrow_AndWriteOnlyValidChunks()
    {
        var random = new Random(20261120);
        string[] pieces =
        [
            "{", "}", "[", "]", ":", ",", "\"choices\"", "\"delta\"", "\"content\"", "\"tool_calls\"", "\"index\"", "\"function\"", "\"arguments\"", "\"x\"", "\"\"",
            "null", "0", "-1", "1e99", "\"<think>\"", "\"finish_reason\"", "\"reasoning\"", "\"\\ud800\"", "\"usage\"", "\"prompt_tokens\"", "true", "\u0000",
        ];
        string[] seeds =
        [
            Content("x"),
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""",
            """{"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"text":"a"}]}],"reasoning_details":[{"type":"reasoning.text","text":"t"}]},"logprobs":{"tokens":["a"],"token_logprobs":[-1.5]}}],"citations":["u"]}""",
        ];
        for (var round = 0; round < 4000; round++)
        {
            var stream = new EditedStream();
            for (var i = 0; i < 3; i++)
            {
                var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
                for (var edits = random.Next(4); edits > 0; edits--)
                {
                    var at = random.Next(text.Length);
                    text.Remove(at, Math.Min(random.Next(6), text.Length - at)).Insert(at, pieces[random.Next(pieces.Length)]);
                }
                stream.Feed(text.ToString());
            }
            stream.Complete();
            stream.End();
            foreach (var chunk in stream.Chunks())
                Assert.Equal("gen-1", (string?)chunk["id"]);
            stream.Editor.Release();
        }
    }

    internal static string Content(string escaped) =>
        $$$"""{"id":"up-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"{{{escaped}}}"},"logprobs":null,"finish_reason":null}]}""";

    private sealed class CountingSink : IBufferWriter<byte>
    {
        private readonly byte[] buffer = new byte[8192];

        public long Count { get; private set; }

        public void Advance(int count) => Count += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => buffer;

        public Span<byte> GetSpan(int sizeHint = 0) => buffer;
    }
}

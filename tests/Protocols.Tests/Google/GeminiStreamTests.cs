using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Google.GenerateContent;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Google;

public class GeminiStreamTests
{
    private static readonly UpstreamTarget Pro = Target(UpstreamProtocol.Gemini, "gemini-3-pro-preview");

    private static (List<AnswerEvent> Events, bool Finished, StreamStep Last) Read(params string[] payloads) =>
        GeminiDialect.Instance.Stream(Pro, payloads);

    private static string Event(string parts, string? finish = null, string usage = "") =>
        """{"candidates":[{"content":{"role":"model","parts":[""" + parts + "]}" + (finish is null ? "" : $",\"finishReason\":\"{finish}\"") + "}]" + usage
        + ""","modelVersion":"gemini-3-pro-preview","responseId":"r1"}""";

    private static string Text(string text) => $$"""{"text":"{{text}}"}""";

    [Fact]
    public void Text_SignatureAfterTheFinish_StillComesBeforeTheFinish()
    {
        var (events, finished, _) = Read(
            Event(Text("Hel"), usage: ""","usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":5,"totalTokenCount":199,"thoughtsTokenCount":185}"""),
            Event(Text("lo"), "STOP", ""","usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":23,"totalTokenCount":217,"thoughtsTokenCount":185,"cachedContentTokenCount":4}"""),
            Event("""{"text":"","thoughtSignature":"Sig+/="}"""));
        Assert.True(finished);
        Assert.Equal(new AnswerStarted("r1", "gemini-3-pro-preview"), events[0]);
        Assert.Equal("Hello", TextOf(events));
        var detail = Assert.Single(events.OfType<ReasoningDelta>()).Detail;
        Assert.Equal(("reasoning.encrypted", "google-gemini-v1", null, "Sig+/="), (detail.Type, detail.Format, detail.Id, detail.Data));
        Assert.Equal(new AnswerFinished(FinishReason.Stop, "STOP"), events[^1]);
        Assert.Equal((9, 208, 4, 185), (UsageOf(events).PromptTokens, UsageOf(events).CompletionTokens, UsageOf(events).CachedTokens, UsageOf(events).ReasoningTokens));
    }

    [Theory]
    [InlineData("STOP", FinishReason.Stop)]
    [InlineData("MAX_TOKENS", FinishReason.Length)]
    [InlineData("SAFETY", FinishReason.ContentFilter)]
    [InlineData("RECITATION", FinishReason.ContentFilter)]
    [InlineData("IMAGE_SAFETY", FinishReason.ContentFilter)]
    [InlineData("ESCALATION", FinishReason.ContentFilter)]
    [InlineData("MALFORMED_FUNCTION_CALL", FinishReason.Error)]
    [InlineData("OTHER", FinishReason.Error)]
    [InlineData("SOMETHING_NEW", FinishReason.Stop)]
    public void EveryFinishReason_IsMappedAndKept(string native, FinishReason expected) =>
        Assert.Equal(new AnswerFinished(expected, native), FinishOf(Read(Event(Text("x"), native)).Events));

    [Fact]
    public void Calls_GetIdsAndEmptyArguments_AndTheSignatureNamesItsCall()
    {
        var (events, _, _) = Read(
            Event("""{"functionCall":{"name":"f","args":{"x": "a b"}},"thoughtSignature":"S1"},{"functionCall":{"id":"given","name":"g"}}"""), Event(Text(""), "STOP"));
        var calls = events.OfType<ToolCallStarted>().ToList();
        Assert.Matches("^call_[0-9A-Za-z]{24}$", calls[0].Id);
        Assert.Equal([$"0 {calls[0].Id} f {{\"x\":\"a b\"}}", "1 given g {}"], CallsOf(events));
        Assert.Equal((calls[0].Id, "S1"), (Assert.Single(events.OfType<ReasoningDelta>()).Detail.Id, events.OfType<ReasoningDelta>().Single().Detail.Data));
        Assert.Equal(FinishReason.ToolCalls, FinishOf(events).Reason);
    }

    [Fact]
    public void StreamedArguments_AreAssembled_WithAMissingTerminatorToo()
    {
        var (events, _, _) = Read(
            Event("""{"functionCall":{"name":"none"}}"""),
            Event("""{"functionCall":{"name":"cook","willContinue":true}}"""),
            Event("""{"functionCall":{"partialArgs":[{"jsonPath":"$.r.items[0].n","stringValue":"pas","willContinue":true}],"willContinue":true}}"""),
            Event("""{"functionCall":{"partialArgs":[{"jsonPath":"$.r.items[0].n","stringValue":"ta"}],"willContinue":true}}"""),
            Event("""{"functionCall":{"partialArgs":[{"jsonPath":"$.r.items[1].n","stringValue":"salt"},{"jsonPath":"$.k","numberValue":2.50},{"jsonPath":"$.ok","boolValue":true},{"jsonPath":"$.z","nullValue":"NULL_VALUE"}],"willContinue":true}}"""),
            Event("""{"functionCall":{}}"""),
            Event("""{"functionCall":{"name":"cook","willContinue":true}}"""),
            Event("""{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"b"}],"willContinue":true}}""", "STOP"));
        Assert.Equal(["none {}", """cook {"r":{"items":[{"n":"pasta"},{"n":"salt"}]},"k":2.50,"ok":true,"z":null}""", """cook {"a":"b"}"""],
            CallsOf(events).Select(c => string.Join(' ', c.Split(' ').Skip(2))));
    }

    [Fact]
    public void Thoughts_AreReasoningText()
    {
        var (events, _, _) = Read(Event("""{"text":"Hm","thought":true}"""), Event("""{"text":"m","thought":true}"""), Event(Text("Yes"), "STOP"));
        Assert.Equal("Hmm", ReasoningOf(events));
        Assert.All(events.OfType<ReasoningDelta>(), e => Assert.Equal(("reasoning.text", "google-gemini-v1", 0), (e.Detail.Type, e.Detail.Format, e.Detail.Index)));
        Assert.Equal("Yes", TextOf(events));
    }

    [Fact]
    public void BlockedPrompt_IsContentFilterWithoutText()
    {
        var (events, finished, _) = Read("""{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":7}}""");
        Assert.True(finished);
        Assert.Equal(new AnswerFinished(FinishReason.ContentFilter, "PROHIBITED_CONTENT"), FinishOf(events));
    }

    [Fact]
    public void EarlyUsageWithTrafficTypeOnly_IsNotAReport()
    {
        var (events, _, _) = Read(Event(Text("a"), usage: ""","usageMetadata":{"trafficType":"ON_DEMAND"}"""), Event(Text("b"), "STOP",
            ""","usageMetadata":{"promptTokenCount":10,"toolUsePromptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":15,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":6},{"modality":"VIDEO","tokenCount":1}]}"""));
        var usage = Assert.Single(events.OfType<UsageReported>()).Usage;
        Assert.Equal((13, 2, 6, 1), (usage.PromptTokens, usage.CompletionTokens, usage.AudioPromptTokens, usage.VideoPromptTokens));
    }

    [Fact]
    public void Grounding_IsCitedInCharacters_NotBytes()
    {
        // "Zürich ☂ 😀 rains": ü is 2 bytes, ☂ 3, 😀 4.
        var (events, _, _) = Read(Event(Text("Zürich ☂ ")), Event(Text("😀 rains")), """
            {"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["a","b"],
            "groundingChunks":[{"web":{"uri":"https://r.example/1","title":"a.example"}},{"web":{"uri":"https://r.example/2","title":"b.example"}}],
            "groundingSupports":[{"segment":{"startIndex":12,"endIndex":22,"text":"😀 rains"},"groundingChunkIndices":[0,1,7]}]}}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}
            """);
        Assert.Equal([new UrlCitation("https://r.example/1", "a.example", "😀 rains", 9, 17), new UrlCitation("https://r.example/2", "b.example", "😀 rains", 9, 17)], events.OfType<UrlCitation>());
        Assert.Equal(2, UsageOf(events).WebSearchRequests);
    }

    [Fact]
    public void Images_BecomeDataUrls() => Assert.Equal("data:image/png;base64,AAAA",
        Assert.Single(Read(Event("""{"inlineData":{"mimeType":"image/png","data":"AAAA"}}""", "STOP")).Events.OfType<ImageProduced>()).Url);

    [Theory]
    [InlineData("""{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}""", ErrorKind.ProviderOverloaded)]
    [InlineData("""[{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED"}}]""", ErrorKind.RateLimitExceeded)]
    [InlineData("""{"error":{"code":500,"message":"?"}}""", ErrorKind.ProviderUnavailable)]
    public void ErrorInTheStream_IsAClassifiedFailure(string payload, ErrorKind kind)
    {
        var (events, finished, last) = Read(Event(Text("Hel")), payload);
        Assert.Equal(kind, Assert.Single(events.OfType<AnswerFailed>()).Failure.Kind);
        Assert.Equal((StreamStep.End, false), (last, finished));
    }

    [Fact]
    public void TokenEvents_ReadInOnePass_MeanWhatTheirDocumentsMean()
    {
        const string Counts = ""","usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":5,"totalTokenCount":199,"thoughtsTokenCount":185,"trafficType":"ON_DEMAND","promptTokensDetails":[{"modality":"TEXT","tokenCount":4},{"modality":"AUDIO","tokenCount":3},{"modality":"IMAGE","tokenCount":2}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":1}]}""";
        string[] samples =
        [
            Event(Text(" Francisco"), usage: Counts), Event(Text("<a>\\u003c\\n\\ud83d\\ude00 \\ud83d é☂"), usage: Counts), Event("""{"thought":true,"text":"Hm"}""", usage: ""","usageMetadata":{"totalTokenCount":7}"""),
            Event(""), """{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"a","thought":false}]},"avgLogprobs":-0.5,"safetyRatings":[{"category":"C","blocked":false}]}]}""",
            """{"usageMetadata":{"promptTokenCount":1e3,"candidatesTokenCount":"x","toolUsePromptTokenCount":-2,"candidatesTokensDetails":[{"tokenCount":7,"modality":"IMAGE"},null]}}""", """{"candidates":[]}""",
        ];
        string[] splices = ["\"text\":\"again\",", "\"text\":null,", "\"parts\":[],", "\"usageMetadata\":{},", "\"promptTokenCount\":null,", "\"index\":1,", "\"error\":{},", "\"a\\u0062\":1,", "{},", "\"candidates\":[{}],", "]", "\"", "\\", "5,"];
        var random = new Random(1);
        var direct = 0;
        for (var round = 0; round < 3000; round++)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(samples[round % samples.Length]).ToList();
            for (var changes = round < samples.Length ? 0 : random.Next(1, 3); changes > 0; changes--)
            {
                var at = random.Next(bytes.Count);
                var next = bytes.FindIndex(at, static b => b is (byte)'{' or (byte)',' or (byte)'[');
                if (random.Next(4) > 0 && next >= 0)
                    bytes.InsertRange(next + 1, System.Text.Encoding.UTF8.GetBytes(splices[random.Next(splices.Length)]));
                else
                    bytes[at] = (byte)random.Next(32, 256);
            }

            var data = bytes.ToArray();
            if (!GeminiTokenEvent.TryRead(data, out var token))
                continue;
            direct++;
            var (read, expected) = (new List<AnswerEvent>(), new List<AnswerEvent>());
            new GeminiAnswer(read).Read(token);
            using var document = Fairlead.Protocols.Json.JsonReading.TryParse(data);
            Assert.NotNull(document);
            Assert.Null(GeminiFailures.InBand(document.RootElement, data));
            new GeminiAnswer(expected).Read(document.RootElement);
            Assert.Equal(expected.Skip(1), read); // the beginning is told by the document only
        }

        Assert.True(direct > 500, $"{direct} events were read in one pass");
    }

    [Fact]
    public void BodyThatEndsWithoutAFinish_IsNotComplete() => Assert.False(Read(Event(Text("Hel"))).Finished);

    [Fact]
    public void Garbage_IsUnreadable() => Assert.Equal(StreamStep.Unreadable, Read(Event(Text("x")), "{\"candidates\":[").Last);
}

using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Google.GenerateContent;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Google;

public class GeminiAnswerTests
{
    private static readonly UpstreamTarget Pro = Target(UpstreamProtocol.Gemini, "gemini-3-pro-preview");

    private static AnswerReading Read(string body) => GeminiDialect.Instance.ReadAnswer(Encoding.UTF8.GetBytes(body), Pro);

    [Fact]
    public void WholeAnswer_IsReadLikeItsStream()
    {
        var reading = Read("""
            {"candidates":[{"content":{"parts":[{"text":"Hm","thought":true},{"text":"Look"},{"functionCall":{"name":"f","args":{ "a": "b  c" }},"thoughtSignature":"S"}],"role":"model"},"finishReason":"STOP","index":0}],
             "usageMetadata":{"promptTokenCount":29,"candidatesTokenCount":15,"totalTokenCount":848,"thoughtsTokenCount":804},"modelVersion":"gemini-3-pro-preview","responseId":"R"}
            """);
        Assert.Null(reading.Failure);
        Assert.Equal(("R", FinishReason.ToolCalls, "STOP", 1), (reading.UpstreamId, reading.Finish, reading.NativeFinish, reading.ToolCalls));
        Assert.EndsWith(" f {\"a\":\"b  c\"}", Assert.Single(CallsOf(reading.Events!)), StringComparison.Ordinal);
        Assert.Equal((29, 819, 804), (reading.Usage!.Value.PromptTokens, reading.Usage.Value.CompletionTokens, reading.Usage.Value.ReasoningTokens));
    }

    [Fact]
    public void CleanStopWithNothingSaid_IsAProviderFailure_ButALengthStopIsAnAnswer()
    {
        Assert.Equal(RetryClass.Next, Read("""{"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9}}""").Failure!.Retry);
        Assert.Equal(FinishReason.Length, Read("""{"candidates":[{"content":{},"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":9,"thoughtsTokenCount":90,"totalTokenCount":99}}""").Finish);
    }

    [Fact]
    public void BlockedPrompt_IsAnAnswerWithContentFilter()
    {
        var reading = Read("""{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9}}""");
        Assert.Null(reading.Failure);
        Assert.Equal((FinishReason.ContentFilter, "SAFETY"), (reading.Finish, reading.NativeFinish));
    }

    [Fact]
    public void PicturesAreImages_ThoughtsInPicturesAreNot_AndEachSignatureNamesItsPicture()
    {
        var reading = Read("""
            {"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/jpeg","data":"AAAA"},"thought":true},{"text":"Here","thoughtSignature":"T="},
              {"inlineData":{"mimeType":"image/png","data":"BBBB"},"thoughtSignature":"I0="},{"inlineData":{"mimeType":"image/jpeg","data":"CCCC"},"thoughtSignature":"I1="}]},
              "finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2581}}
            """);
        Assert.Equal(["data:image/png;base64,BBBB", "data:image/jpeg;base64,CCCC"], reading.Events!.OfType<ImageProduced>().Select(image => image.Url));
        Assert.Equal([(null, "T="), ("image-0", "I0="), ("image-1", "I1=")], reading.Reasoning.Select(block => (block.Id, block.Data)));
        Assert.Equal(2, reading.Images);
    }

    [Fact]
    public void CandidatesMissingFromUsage_AreWhatTheTotalLeaves() => Assert.Equal(6,
        Read("""{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"thoughtsTokenCount":5,"totalTokenCount":10}}""").Usage!.Value.CompletionTokens);

    [Fact]
    public void Modalities_AreReadForThePromptItsCachedPartAndTheAnswer()
    {
        var usage = Read("""
            {"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["a","b"]}}],
             "usageMetadata":{"promptTokenCount":2000,"candidatesTokenCount":60,"cachedContentTokenCount":900,
              "promptTokensDetails":[{"modality":"TEXT","tokenCount":500},{"modality":"AUDIO","tokenCount":1000},{"modality":"IMAGE","tokenCount":258},{"modality":"VIDEO","tokenCount":242}],
              "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":300},{"modality":"IMAGE","tokenCount":258},{"modality":"TEXT","tokenCount":342}],
              "candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":20},{"modality":"IMAGE","tokenCount":30}]}}
            """).Usage!.Value;
        Assert.Equal((1000, 258, 242), (usage.AudioPromptTokens, usage.ImagePromptTokens, usage.VideoPromptTokens));
        Assert.Equal((900, 300, 258), (usage.CachedTokens, usage.CachedAudioTokens, usage.CachedImageTokens));
        Assert.Equal((20, 30, 2), (usage.AudioCompletionTokens, usage.ImageCompletionTokens, usage.WebSearchRequests));
    }

    [Theory]
    [InlineData("""{"promptTokenCount":-5,"toolUsePromptTokenCount":10,"candidatesTokenCount":-7,"thoughtsTokenCount":90}""", -5, -7)]
    [InlineData("""{"promptTokenCount":"NaN","candidatesTokenCount":1e400}""", -1, 1_000_000_000_000)]
    public void NonsenseInUsage_StaysRecognisableInTheSums(string usage, long prompt, long completion)
    {
        var read = Read($$$"""{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"usageMetadata":{{{usage}}}}""").Usage!.Value;
        Assert.Equal((prompt, completion), (read.PromptTokens, read.CompletionTokens));
    }

    [Theory]
    [InlineData("""{"error":{"code":400,"message":"Bad","status":"INVALID_ARGUMENT"}}""", ErrorKind.InvalidRequest)]
    [InlineData("""[{"error":{"code":503,"message":"Busy","status":"UNAVAILABLE"}}]""", ErrorKind.ProviderOverloaded)]
    [InlineData("{}", ErrorKind.ProviderUnavailable)]
    [InlineData("[]", ErrorKind.ProviderUnavailable)]
    [InlineData("nope", ErrorKind.ProviderUnavailable)]
    public void WhatIsNoAnswer_IsAFailure(string body, ErrorKind kind) => Assert.Equal(kind, Read(body).Failure!.Kind);
}

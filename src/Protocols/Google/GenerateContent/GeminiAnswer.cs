using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>
/// Turns responses into events (providers contract §6.4, §6.5). A whole answer is one response, a stream many, each with the parts that are new. The
/// finish is told at the end of the body: signatures may still follow the event that names it, and the format has no terminator.
/// </summary>
internal sealed class GeminiAnswer(List<AnswerEvent> events)
{
    private readonly CallIds ids = new();
    private readonly GeminiCitations citations = new();
    private string? answerId;
    private int calls;
    private int images;
    private int blocks;
    private bool thinking;
    private GeminiPartialArguments? partial;
    private string? finish;
    private string? blocked;
    private Usage? usage;

    /// <summary>Where events go; the stream reader sets it anew for every read.</summary>
    public List<AnswerEvent> Events { get; set; } = events;

    /// <summary>The first response was taken.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>A finish was named.</summary>
    public bool Finished => finish is not null || blocked is not null;

    /// <summary>Takes one response.</summary>
    public void Read(JsonElement response)
    {
        if (!HasStarted)
        {
            HasStarted = true;
            answerId = response.Text("responseId"u8);
            Events.Add(new AnswerStarted(answerId, response.Text("modelVersion"u8)));
        }
        foreach (var candidate in response.Items("candidates"u8))
        {
            if (candidate.Whole("index"u8) is > 0)
                continue; // one choice is all an answer holds here
            ReadCandidate(candidate);
            break;
        }
        blocked ??= response.Member("promptFeedback"u8)?.Text("blockReason"u8);
        Count(GeminiUsage.Read(response.Member("usageMetadata"u8)));
    }

    /// <summary>Takes one response that is a token only.</summary>
    public void Read(in GeminiTokenEvent token)
    {
        if (!token.Text.IsEmpty)
        {
            var text = JsonText.ToText(token.Text);
            if (token.IsThought)
                Think(text);
            else
                Say(text);
        }

        Count(token.Usage);
    }

    /// <summary>The body ended: closes what is open and tells the finish, if one was named.</summary>
    public bool End()
    {
        CloseCall();
        if (!Finished)
            return false;
        Events.Add(finish is null ? new AnswerFinished(FinishReason.ContentFilter, blocked) : new AnswerFinished(ToFinish(finish), finish));
        if (usage is { } counted && counted.WebSearchRequests != citations.Searches)
            Events.Add(new UsageReported(counted with { WebSearchRequests = citations.Searches }));
        return true;
    }

    // A report like the one before says nothing.
    private void Count(Usage? reported)
    {
        if (reported is not { } read)
            return;
        read = read with { WebSearchRequests = citations.Searches };
        if (usage == read)
            return;
        usage = read;
        Events.Add(new UsageReported(read));
    }

    private void ReadCandidate(JsonElement candidate)
    {
        if (candidate.Member("content"u8) is { } content)
        {
            foreach (var part in content.Items("parts"u8))
                ReadPart(part);
        }
        if (candidate.Member("groundingMetadata"u8) is { } grounding)
            citations.Read(grounding, Events);
        if (candidate.Text("finishReason"u8) is { Length: > 0 } reason)
            finish = reason;
    }

    private void ReadPart(JsonElement part)
    {
        var signature = part.Text("thoughtSignature"u8);
        if (part.Member("functionCall"u8) is { } call)
        {
            ReadCall(call, signature);
            return;
        }
        if (part.Flag("thought"u8))
            Think(part.Text("text"u8));
        else if (part.Text("text"u8) is { Length: > 0 } text)
            Say(text);
        else if (part.Member("inlineData"u8) is { } inline && inline.Text("mimeType"u8) is { } type && type.StartsWith("image/", StringComparison.Ordinal)
            && inline.Text("data"u8) is { Length: > 0 } data)
        {
            Events.Add(new ImageProduced($"data:{type};base64,{data}"));
            if (signature is { Length: > 0 })
                Sign(signature, GeminiImages.SignatureId(images));
            images++;
            return;
        }
        if (signature is { Length: > 0 })
            Sign(signature, null);
    }

    // A call comes whole, or opens with its name, goes on with partial arguments, and closes with an empty one that may be missing.
    private void ReadCall(JsonElement call, string? signature)
    {
        if (call.Text("name"u8) is { Length: > 0 } name)
        {
            CloseCall();
            var id = ids.Next(call.Text("id"u8), answerId);
            if (signature is { Length: > 0 })
                Sign(signature, id);
            thinking = false;
            Events.Add(new ToolCallStarted(calls++, id, name));
            var arguments = call.Member("args"u8) is { ValueKind: JsonValueKind.Object } given ? given.Compact() : null;
            if (arguments is null && (call.Flag("willContinue"u8) || call.Member("partialArgs"u8) is not null))
                partial = new GeminiPartialArguments();
            else
                Events.Add(new ToolCallArguments(calls - 1, arguments ?? "{}"));
        }
        if (partial is null)
            return;
        foreach (var piece in call.Items("partialArgs"u8))
            partial.Add(piece);
        if (!call.Flag("willContinue"u8))
            CloseCall();
    }

    private void CloseCall()
    {
        if (partial is null)
            return;
        Events.Add(new ToolCallArguments(calls - 1, partial.ToJson()));
        partial = null;
    }

    private void Say(string text)
    {
        thinking = false;
        citations.Pass(text);
        Events.Add(new TextDelta(text));
    }

    private void Think(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;
        if (!thinking)
            blocks++;
        thinking = true;
        Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Format = ReasoningReplay.Google, Index = blocks - 1, Text = text }));
    }

    private void Sign(string signature, string? callId)
    {
        thinking = false;
        Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.encrypted", Format = ReasoningReplay.Google, Id = callId, Index = blocks++, Data = signature }));
    }

    // Providers contract §2.1; P-02: calls decide between stop and tool_calls, nothing else is overridden.
    private FinishReason ToFinish(string reason) => reason switch
    {
        "MAX_TOKENS" => FinishReason.Length,
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "LANGUAGE" or "MODEL_ARMOR" or "ESCALATION"
            or "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" => FinishReason.ContentFilter,
        "MALFORMED_FUNCTION_CALL" or "UNEXPECTED_TOOL_CALL" or "TOO_MANY_TOOL_CALLS" or "MISSING_THOUGHT_SIGNATURE" or "MALFORMED_RESPONSE"
            or "NO_IMAGE" or "IMAGE_OTHER" or "OTHER" or "UNSPECIFIED" or "FINISH_REASON_UNSPECIFIED" => FinishReason.Error,
        _ => calls > 0 ? FinishReason.ToolCalls : FinishReason.Stop,
    };
}

using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// A whole answer from an OpenAI-style host to an OpenAI-style client: copied, with id, model, provider, created, finish reasons, reasoning, tool calls
/// and usage as the contract wants them (inference §4.1, §5). Members we do not know survive.
/// </summary>
internal static class ChatAnswerEditor
{
    /// <summary>Writes the answer. <paramref name="body"/> has been read by <see cref="ChatAnswerReader"/> without failure.</summary>
    public static void Write(ReadOnlySpan<byte> body, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> target)
    {
        body = body.Trim(" \t\r\n"u8);
        var parts = ChunkParts.Read(body);
        var annotations = parts.Citations.IsEmpty && parts.SearchResults.IsEmpty ? null : new PooledBuffer();
        if (annotations is not null)
            CitationEditor.Write(parts.Citations, parts.SearchResults, annotations);

        var output = new JsonOutput(target);
        output.BeginObject();
        output.Name("id"u8);
        output.String(identity.GenerationId);
        output.Name("object"u8);
        output.Raw("\"chat.completion\""u8);
        output.Name("created"u8);
        output.Number(identity.Created);
        output.Name("model"u8);
        output.String(identity.Model);
        output.Name("provider"u8);
        output.String(identity.Provider);
        output.Member("system_fingerprint"u8, parts.SystemFingerprint.IsEmpty ? "null"u8 : parts.SystemFingerprint);
        if (charge.ServiceTier is { } tier)
        {
            output.Name("service_tier"u8);
            output.String(tier);
        }

        parts.CopyOthers(body, ref output, but: charge.ServiceTier is null ? default : "service_tier"u8);
        output.Name("choices"u8);
        output.BeginArray();
        var choices = new JsonElements(parts.Choices);
        while (choices.Next())
            WriteChoice(choices.Value, identity, annotations is null ? default : annotations.Written, ref output);
        output.EndArray();
        output.Name("usage"u8);
        ChatUsageWriter.Write(charge, ref output);
        if (!charge.RouterMetadata.IsEmpty)
        {
            output.Frame(",\"openrouter_metadata\":"u8);
            output.Frame(charge.RouterMetadata.Span);
        }

        output.Frame("}"u8);
        output.Flush();
        annotations?.Release();
    }

    private static void WriteChoice(ReadOnlySpan<byte> json, AnswerIdentity identity, ReadOnlySpan<byte> annotations, ref JsonOutput output)
    {
        var choice = ChoiceParts.Read(json);
        var state = new ChoiceState(choice.Index, identity.GenerationId);
        var source = choice.Message.IsEmpty ? choice.Delta : choice.Message;
        var parts = MessageParts.Read(source);
        var text = MessageText.Read(parts, state, whole: true);
        output.BeginObject();
        output.Name("index"u8);
        output.Number(choice.Index);
        choice.CopyOthers(json, ref output);
        LogprobsEditor.Write(choice.Logprobs, ref output);
        output.Name("message"u8);
        MessageEditor.WriteMessage(source, parts, text, state, identity.ExcludeReasoning, annotations, ref output);
        ChatChunkFrame.WriteFinish(choice.Finish.IsEmpty ? FinishReason.None : ChatFinish.Read(choice.Finish, state.Calls.Count > 0), choice.Finish, ref output);
        output.EndObject();
        state.Release();
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>
/// Reads <c>usageMetadata</c> (providers contract §2.2): the cached part lies inside the prompt, thoughts lie beside the candidates. Every event of a stream
/// carries it, so it is read from the bytes.
/// </summary>
internal static class GeminiUsage
{
    /// <summary>The counts, or null for a report that holds none (early events of a stream may name the traffic type only).</summary>
    public static Usage? Read(JsonElement? metadata)
    {
        if (metadata is not { ValueKind: JsonValueKind.Object } report)
            return null;
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(report), JsonLimits.Reader);
        reader.Read();
        return Read(ref reader);
    }

    /// <summary>The same, from a reader that stands at the beginning of the object; it is left at its end. Of a member said twice the last counts.</summary>
    public static Usage? Read(ref Utf8JsonReader reader)
    {
        long? prompt = null, candidates = null, total = null, thoughts = null, tools = null, cached = null;
        Kinds prompts = default, caches = default, answers = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("promptTokenCount"u8))
                prompt = reader.Count();
            else if (name.SequenceEqual("candidatesTokenCount"u8))
                candidates = reader.Count();
            else if (name.SequenceEqual("totalTokenCount"u8))
                total = reader.Count();
            else if (name.SequenceEqual("thoughtsTokenCount"u8))
                thoughts = reader.Count();
            else if (name.SequenceEqual("promptTokensDetails"u8))
                prompts = ReadKinds(ref reader);
            else if (name.SequenceEqual("cachedContentTokenCount"u8))
                cached = reader.Count();
            else if (name.SequenceEqual("cacheTokensDetails"u8))
                caches = ReadKinds(ref reader);
            else if (name.SequenceEqual("candidatesTokensDetails"u8))
                answers = ReadKinds(ref reader);
            else if (name.SequenceEqual("toolUsePromptTokenCount"u8))
                tools = reader.Count();
            else
                reader.Skip();
        }

        if (prompt is not { } read)
            return null;
        return new Usage
        {
            PromptTokens = Sum(read, tools ?? 0),
            CompletionTokens = Sum(candidates ?? Math.Max(0, (total ?? 0) - read - (tools ?? 0) - (thoughts ?? 0)), thoughts ?? 0),
            CachedTokens = cached ?? 0,
            ReasoningTokens = thoughts ?? 0,
            AudioPromptTokens = prompts.Audio,
            ImagePromptTokens = prompts.Image,
            VideoPromptTokens = prompts.Video,
            CachedAudioTokens = caches.Audio,
            CachedImageTokens = caches.Image,
            AudioCompletionTokens = answers.Audio,
            ImageCompletionTokens = answers.Image,
        };
    }

    // [{modality, tokenCount}, …]
    private static Kinds ReadKinds(ref Utf8JsonReader reader)
    {
        var kinds = default(Kinds);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return kinds;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadKind(ref reader, ref kinds);
            else
                reader.Skip();
        }

        return kinds;
    }

    private static void ReadKind(ref Utf8JsonReader reader, ref Kinds kinds)
    {
        ReadOnlySpan<byte> modality = default;
        long? count = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("tokenCount"u8))
            {
                count = reader.Count();
            }
            else if (name.SequenceEqual("modality"u8))
            {
                modality = reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        if (modality.SequenceEqual("AUDIO"u8))
            kinds.Audio = Sum(kinds.Audio, count ?? 0);
        else if (modality.SequenceEqual("IMAGE"u8))
            kinds.Image = Sum(kinds.Image, count ?? 0);
        else if (modality.SequenceEqual("VIDEO"u8))
            kinds.Video = Sum(kinds.Video, count ?? 0);
    }

    // A part below zero must not hide in a sum above it (invariant M6).
    private static long Sum(long a, long b) => a < 0 || b < 0 ? Math.Min(a, b) : a + b;

    private struct Kinds
    {
        public long Audio;
        public long Image;
        public long Video;
    }
}

using System.Buffers.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Reads a <c>usage</c> object of any OpenAI-style host (providers §2.2). Numbers are taken as they are, negative ones included (invariant M6 is
/// checked where they are charged), up to 10¹² either way.
/// </summary>
internal static class ChatUsageReader
{
    // Far beyond any context window: keeps sums from overflowing while nonsense stays recognisable as nonsense.
    private const long Largest = 1_000_000_000_000;

    /// <summary>Reads <paramref name="json"/>, an object; null when it is none or holds neither prompt nor completion tokens.</summary>
    public static Usage? Read(ReadOnlySpan<byte> json)
    {
        var counts = default(Counts);
        var members = new JsonMembers(json);
        while (members.Next())
        {
            var name = members.Name;
            if (name.SequenceEqual("prompt_tokens"u8))
                counts.Prompt = Number(members.Value);
            else if (name.SequenceEqual("completion_tokens"u8))
                counts.Completion = Number(members.Value);
            else if (name.SequenceEqual("total_tokens"u8))
                counts.Total = Number(members.Value);
            else if (name.SequenceEqual("prompt_tokens_details"u8) || name.SequenceEqual("prompt_token_details"u8))
                counts.ReadPromptDetails(members.Value);
            else if (name.SequenceEqual("completion_tokens_details"u8))
                counts.ReadCompletionDetails(members.Value);
            // DeepSeek; Moonshot; Mistral.
            else if (name.SequenceEqual("prompt_cache_hit_tokens"u8) || name.SequenceEqual("cached_tokens"u8) || name.SequenceEqual("num_cached_tokens"u8))
                counts.Cached ??= Number(members.Value);
            // SGLang, Perplexity.
            else if (name.SequenceEqual("reasoning_tokens"u8))
                counts.Reasoning ??= Number(members.Value);
            // Perplexity.
            else if (name.SequenceEqual("num_search_queries"u8))
                counts.Searches = Number(members.Value);
        }
        return counts.Prompt is null && counts.Completion is null ? null : counts.ToUsage();
    }

    /// <summary>Reads llama.cpp's <c>timings</c>, which stand in for a missing <c>usage</c>.</summary>
    public static Usage? ReadTimings(ReadOnlySpan<byte> json)
    {
        long? fresh = null, cached = null, written = null;
        var members = new JsonMembers(json);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("prompt_n"u8))
                fresh = Number(members.Value);
            else if (members.Name.SequenceEqual("cache_n"u8))
                cached = Number(members.Value);
            else if (members.Name.SequenceEqual("predicted_n"u8))
                written = Number(members.Value);
        }
        return fresh is null || written is null
            ? null
            : new Usage { PromptTokens = Add(fresh.Value, cached ?? 0), CachedTokens = cached ?? 0, CompletionTokens = written.Value };
    }

    // What is there and no number is −1: never a count, so that the check of invariant M6 refuses the report.
    private static long? Number(ReadOnlySpan<byte> value)
    {
        if (value is [(byte)'n', ..])
            return null;
        if (Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length)
            return Math.Clamp(number, -Largest, Largest);
        // 17.0, 1e3 and what does not fit: some hosts compute counts in floating point.
        return Utf8Parser.TryParse(value, out decimal real, out used) && used == value.Length ? (long)Math.Clamp(real, -Largest, Largest) : -1;
    }

    private static long Add(long a, long b) => Math.Clamp(a + b, -Largest, Largest);

    private struct Counts
    {
        public long? Prompt, Completion, Total, Cached, Reasoning, Searches;
        private long? cacheWrite, cacheWrite1h, audioIn, imageIn, videoIn, cachedAudio, cachedImages, audioOut, imageOut, accepted, rejected;

        public void ReadPromptDetails(ReadOnlySpan<byte> json)
        {
            var members = new JsonMembers(json);
            while (members.Next())
            {
                var name = members.Name;
                if (name.SequenceEqual("cached_tokens"u8))
                    Cached = Number(members.Value) ?? Cached;
                else if (name.SequenceEqual("cache_write_tokens"u8) || name.SequenceEqual("cache_creation_input_tokens"u8))
                    cacheWrite = Number(members.Value);
                else if (name.SequenceEqual("audio_tokens"u8))
                    audioIn = Number(members.Value);
                else if (name.SequenceEqual("image_tokens"u8))
                    imageIn = Number(members.Value);
                else if (name.SequenceEqual("video_tokens"u8))
                    videoIn = Number(members.Value);
                else if (name.SequenceEqual("cached_tokens_details"u8))
                    ReadCachedDetails(members.Value);
                // Alibaba, and proxies of Anthropic.
                else if (name.SequenceEqual("cache_creation"u8))
                    ReadCacheCreation(members.Value);
            }
        }

        private void ReadCachedDetails(ReadOnlySpan<byte> json)
        {
            var members = new JsonMembers(json);
            while (members.Next())
            {
                if (members.Name.SequenceEqual("audio_tokens"u8))
                    cachedAudio = Number(members.Value);
                else if (members.Name.SequenceEqual("image_tokens"u8))
                    cachedImages = Number(members.Value);
            }
        }

        private void ReadCacheCreation(ReadOnlySpan<byte> json)
        {
            long? write5m = null;
            var members = new JsonMembers(json);
            while (members.Next())
            {
                if (members.Name.SequenceEqual("ephemeral_5m_input_tokens"u8))
                    write5m = Number(members.Value);
                else if (members.Name.SequenceEqual("ephemeral_1h_input_tokens"u8))
                    cacheWrite1h = Number(members.Value);
            }
            if (write5m is not null || cacheWrite1h is not null)
                cacheWrite ??= Add(write5m ?? 0, cacheWrite1h ?? 0);
        }

        public void ReadCompletionDetails(ReadOnlySpan<byte> json)
        {
            var members = new JsonMembers(json);
            while (members.Next())
            {
                var name = members.Name;
                if (name.SequenceEqual("reasoning_tokens"u8))
                    Reasoning = Number(members.Value) ?? Reasoning;
                else if (name.SequenceEqual("audio_tokens"u8))
                    audioOut = Number(members.Value);
                else if (name.SequenceEqual("image_tokens"u8))
                    imageOut = Number(members.Value);
                else if (name.SequenceEqual("accepted_prediction_tokens"u8))
                    accepted = Number(members.Value);
                else if (name.SequenceEqual("rejected_prediction_tokens"u8))
                    rejected = Number(members.Value);
            }
        }

        public readonly Usage ToUsage()
        {
            var prompt = Prompt ?? 0;
            var completion = Completion ?? 0;
            var reasoning = Reasoning ?? 0;
            // Reasoning outside completion: xAI (the total tells), DeepInfra with Gemini, Perplexity's deep research (it cannot be a part of less).
            if (reasoning > 0 && completion >= 0 && (reasoning > completion || (Total is { } total && total - prompt - completion == reasoning)))
                completion = Add(completion, reasoning);
            return new Usage
            {
                PromptTokens = prompt,
                CompletionTokens = completion,
                CachedTokens = Cached ?? 0,
                CacheWriteTokens = cacheWrite ?? 0,
                CacheWrite1hTokens = cacheWrite1h ?? 0,
                ReasoningTokens = reasoning,
                AudioPromptTokens = audioIn ?? 0,
                ImagePromptTokens = imageIn ?? 0,
                VideoPromptTokens = videoIn ?? 0,
                CachedAudioTokens = cachedAudio ?? 0,
                CachedImageTokens = cachedImages ?? 0,
                AudioCompletionTokens = audioOut ?? 0,
                ImageCompletionTokens = imageOut ?? 0,
                AcceptedPredictionTokens = accepted,
                RejectedPredictionTokens = rejected,
                WebSearchRequests = Searches ?? 0,
            };
        }
    }
}

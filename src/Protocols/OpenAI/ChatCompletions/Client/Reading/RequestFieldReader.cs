using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>Reads the value of one top-level member: type, range, and into the draft what later stages need (inference §3.1, I-03).</summary>
internal static class RequestFieldReader
{
    private const int LongestId = 256;
    private const int LongestSlug = 256;
    private const int MostTransforms = 8;
    private const int MostToolCalls = 30;

    /// <summary>Bounds memory where the configurable cap is off.</summary>
    private const int MostModels = 64;

    /// <summary>Integers JSON clients can hold exactly.</summary>
    private const long LargestSeed = 9_007_199_254_740_991;

    private static readonly string[] Verbosities = ["low", "medium", "high", "xhigh", "max"];
    private static readonly string[] Tiers = ["auto", "default", "flex", "priority", "fast", "scale"];

    public static bool Read(ref RequestCursor cursor, RequestField field, ref RequestDraft draft)
    {
        switch (field)
        {
            case RequestField.Messages:
                draft.HasMessages = true;
                return MessageReader.ReadMessages(ref cursor, ref draft.Content);
            case RequestField.Prompt:
                draft.HasPrompt = true;
                return cursor.CountText(ref draft.Content.Tokens);
            case RequestField.Model:
                return ReadSlug(ref cursor, out draft.Model);
            case RequestField.Models:
                draft.ModelsAt = cursor.Position;
                return cursor.ReadStrings(MostModels, LongestSlug, out draft.Models);
            case RequestField.Preset:
                return ReadSlug(ref cursor, out draft.Preset);
            case RequestField.Provider:
                return ProviderReader.Read(ref cursor, out draft.Provider);
            case RequestField.Plugins:
                return PluginReader.Read(ref cursor, out draft.Plugins);
            case RequestField.Transforms:
                return ReadWords(ref cursor, ["middle-out"], MostTransforms, out draft.Transforms);
            case RequestField.Route:
                return cursor.ReadWord(["fallback", "sort"], out draft.Route);
            case RequestField.PromptCacheKey:
                return cursor.ReadString(out draft.PromptCacheKey);
            case RequestField.Stream:
                return cursor.ReadBoolean(out draft.Stream);
            case RequestField.User:
                return cursor.ReadString(out draft.User, LongestId);
            case RequestField.SessionId:
                return cursor.ReadString(out draft.SessionId, LongestId);
            case RequestField.ServiceTier:
                return cursor.ReadWord(Tiers, out draft.ServiceTier);
            case RequestField.CacheControl:
                return CacheMarkReader.Read(ref cursor, out draft.Cache);
            case RequestField.Modalities:
                return ReadWords(ref cursor, ["text", "image", "audio"], 3, out draft.Modalities);
            case RequestField.Debug:
                return CarriedFieldReader.ReadDebug(ref cursor, out draft.EchoUpstreamBody);
            case RequestField.MaxToolCalls:
                return cursor.ReadInteger(1, MostToolCalls, out draft.MaxToolCalls);
            case RequestField.Tools:
                return ReadTools(ref cursor, ref draft);
            case RequestField.Functions:
                return ReadFunctions(ref cursor, ref draft);
            case RequestField.ToolChoice:
                return ToolReader.ReadChoice(ref cursor, out draft.ToolChoice);
            case RequestField.FunctionCall:
                return ToolReader.ReadFunctionCall(ref cursor, out draft.FunctionCall);
            default:
                return ReadSampling(ref cursor, field, ref draft);
        }
    }

    private static bool ReadSampling(ref RequestCursor cursor, RequestField field, ref RequestDraft draft)
    {
        switch (field)
        {
            case RequestField.Temperature:
                return ReadNumber(ref cursor, 0, 2, out draft.Temperature) && Use(ref draft, ParameterSet.Temperature);
            case RequestField.TopP:
                return ReadNumber(ref cursor, 0, 1, out draft.TopP) && Use(ref draft, ParameterSet.TopP);
            case RequestField.TopK:
                return cursor.ReadInteger(0, int.MaxValue, out draft.TopK) && Use(ref draft, ParameterSet.TopK);
            case RequestField.MinP:
                return ReadNumber(ref cursor, 0, 1, out draft.MinP) && Use(ref draft, ParameterSet.MinP);
            case RequestField.TopA:
                return ReadNumber(ref cursor, 0, 1, out draft.TopA) && Use(ref draft, ParameterSet.TopA);
            case RequestField.FrequencyPenalty:
                return ReadNumber(ref cursor, -2, 2, out draft.FrequencyPenalty) && Use(ref draft, ParameterSet.FrequencyPenalty);
            case RequestField.PresencePenalty:
                return ReadNumber(ref cursor, -2, 2, out draft.PresencePenalty) && Use(ref draft, ParameterSet.PresencePenalty);
            case RequestField.RepetitionPenalty:
                return ReadRepetitionPenalty(ref cursor, ref draft) && Use(ref draft, ParameterSet.RepetitionPenalty);
            case RequestField.MaxTokens:
                return cursor.ReadInteger(1, int.MaxValue, out draft.MaxTokens) && Use(ref draft, ParameterSet.MaxTokens);
            case RequestField.MaxCompletionTokens:
                return cursor.ReadInteger(1, int.MaxValue, out draft.MaxCompletionTokens) && Use(ref draft, ParameterSet.MaxCompletionTokens);
            case RequestField.N:
                return cursor.ReadInteger(1, 128, out draft.N) && Use(ref draft, ParameterSet.N);
            case RequestField.Seed:
                var seedOk = cursor.ReadInteger(-LargestSeed, LargestSeed, out var seed);
                draft.Seed = seed;
                return seedOk && Use(ref draft, ParameterSet.Seed);
            case RequestField.Stop:
                return ReadStop(ref cursor, ref draft);
            case RequestField.Logprobs:
                var logprobsOk = cursor.ReadBoolean(out var logprobs);
                draft.Logprobs = logprobs;
                return logprobsOk && Use(ref draft, logprobs ? ParameterSet.Logprobs : ParameterSet.None);
            case RequestField.TopLogprobs:
                return cursor.ReadInteger(0, 20, out draft.TopLogprobs) && Use(ref draft, ParameterSet.TopLogprobs);
            case RequestField.LogitBias:
                return CarriedFieldReader.CheckLogitBias(ref cursor) && Use(ref draft, ParameterSet.LogitBias);
            case RequestField.ParallelToolCalls:
                var parallelOk = cursor.ReadBoolean(out var parallel);
                draft.ParallelToolCalls = parallel;
                return parallelOk;
            case RequestField.ResponseFormat:
                return ResponseFormatReader.Read(ref cursor, out draft.ResponseFormat)
                    && Use(ref draft, draft.ResponseFormat is null ? ParameterSet.None : ParameterSet.ResponseFormat);
            case RequestField.StructuredOutputs:
                return cursor.ReadBoolean(out var structured) && Use(ref draft, structured ? ParameterSet.StructuredOutputs : ParameterSet.None);
            case RequestField.Verbosity:
                return cursor.ReadWord(Verbosities, out draft.Verbosity) && Use(ref draft, ParameterSet.Verbosity);
            case RequestField.WebSearchOptions:
                return CarriedFieldReader.CheckWebSearch(ref cursor) && Use(ref draft, ParameterSet.WebSearchOptions);
            case RequestField.Prediction:
                return CarriedFieldReader.CheckPrediction(ref cursor) && Use(ref draft, ParameterSet.Prediction);
            case RequestField.Reasoning:
                return ReasoningReader.Read(ref cursor, ref draft.Reasoning) && Use(ref draft, ParameterSet.Reasoning);
            case RequestField.ReasoningEffort:
                return cursor.ReadWord(ReasoningReader.Efforts, out draft.Reasoning.LegacyEffort) && Use(ref draft, ParameterSet.ReasoningEffort);
            case RequestField.IncludeReasoning:
                var includeOk = cursor.ReadBoolean(out var include);
                draft.Reasoning.Include = include;
                return includeOk && Use(ref draft, ParameterSet.IncludeReasoning);
            default:
                return CarriedFieldReader.Check(ref cursor, field);
        }
    }

    private static bool Use(ref RequestDraft draft, ParameterSet parameter)
    {
        draft.Used |= parameter;
        return true;
    }

    private static bool ReadNumber(ref RequestCursor cursor, double least, double most, out double? value)
    {
        var ok = cursor.ReadNumber(least, most, out var number);
        value = number;
        return ok;
    }

    private static bool ReadRepetitionPenalty(ref RequestCursor cursor, ref RequestDraft draft)
    {
        if (!ReadNumber(ref cursor, 0, 2, out draft.RepetitionPenalty))
            return false;
        return draft.RepetitionPenalty > 0 || cursor.Fail("must be above 0 and at most 2");
    }

    private static bool ReadSlug(ref RequestCursor cursor, out string? slug)
    {
        var ok = cursor.ReadString(out var value, LongestSlug);
        slug = value;
        return ok && (value.Length > 0 || cursor.Fail("must not be empty"));
    }

    private static bool ReadStop(ref RequestCursor cursor, ref RequestDraft draft)
    {
        if (cursor.Kind == JsonTokenType.String)
        {
            if (!cursor.ReadString(out var stop))
                return false;
            if (stop.Length > 0)
                draft.Stop = [stop];
        }
        else if (cursor.Kind != JsonTokenType.StartArray)
        {
            return cursor.Fail("must be a string or an array of strings");
        }
        else if (!cursor.ReadStrings(draft.MostStops, int.MaxValue, out draft.Stop))
        {
            return false;
        }

        return Use(ref draft, draft.Stop.Count > 0 ? ParameterSet.Stop : ParameterSet.None);
    }

    private static bool ReadWords(ref RequestCursor cursor, scoped ReadOnlySpan<string> words, int most, out IReadOnlyList<string> values)
    {
        values = [];
        if (!cursor.IsArray())
            return false;
        var list = new List<string>();
        while (cursor.NextElement())
        {
            if (!cursor.ReadWord(words, out var word))
                return false;
            if (list.Count == most)
                return cursor.Fail($"is one too many: at most {most} are accepted here");
            list.Add(word);
        }

        values = list;
        return cursor.Ok;
    }

    private static bool ReadTools(ref RequestCursor cursor, ref RequestDraft draft)
    {
        var start = cursor.Position;
        return ToolReader.ReadTools(ref cursor, ref draft.ToolNames, ref draft.ServerTools) && CountDefinitions(ref cursor, start, ref draft, draft.ToolNames);
    }

    private static bool ReadFunctions(ref RequestCursor cursor, ref RequestDraft draft)
    {
        var start = cursor.Position;
        return ToolReader.ReadFunctions(ref cursor, ref draft.FunctionNames) && CountDefinitions(ref cursor, start, ref draft, draft.FunctionNames);
    }

    /// <summary>Providers render definitions in forms of their own; the JSON as sent is close and never too small.</summary>
    private static bool CountDefinitions(ref RequestCursor cursor, int start, ref RequestDraft draft, List<string>? names)
    {
        if (names is null)
            return true;
        draft.Content.Tools = names.Count;
        draft.Content.Tokens += Tokenizer.O200k.Count(cursor.RawSince(start));
        return Use(ref draft, ParameterSet.Tools);
    }
}

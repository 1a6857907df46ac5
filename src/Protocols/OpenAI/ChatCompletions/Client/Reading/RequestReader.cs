using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// Reads a chat request in one pass over its bytes:
/// <list type="number">
/// <item>the bytes are UTF-8 and hold no half characters;</item>
/// <item>every member is read and checked as it comes (<see cref="RequestFieldReader"/>), text is counted, nothing is built;</item>
/// <item>members that depend on each other are judged at the end.</item>
/// </list>
/// </summary>
internal static class RequestReader
{
    /// <summary>The most entries of <c>stop</c> in a chat.</summary>
    public const int MostStops = 4;

    /// <summary>Reads <paramref name="body"/>; exactly one of the results is set.</summary>
    /// <param name="body">As received.</param>
    /// <param name="mostModels">Caps <c>models</c>, 0 does not .</param>
    /// <param name="mostStops">Caps <c>stop</c>.</param>
    public static (CanonicalRequest? Request, GatewayError? Error) Read(ReadOnlyMemory<byte> body, int mostModels, int mostStops = MostStops)
    {
        if (BodyCheck.Check(ref body) is { } unreadable)
            return (null, unreadable);
        var bytes = body.Span;
        var cursor = new RequestCursor(bytes);
        try
        {
            var draft = new RequestDraft { MostStops = mostStops };
            if (ReadMembers(ref cursor, ref draft))
            {
                if (draft.ServerTools is { } server)
                    return ReadRewritten(body, mostModels, mostStops, server);
                if (Settle(ref cursor, ref draft, mostModels, out var reasoning))
                    return (Build(body, draft, reasoning), null);
            }

            return (null, cursor.Error);
        }
        catch (JsonException broken)
        {
            return (null, BrokenJson.Describe(bytes, broken));
        }
        finally
        {
            cursor.Release();
        }
    }

    private static (CanonicalRequest? Request, GatewayError? Error) ReadRewritten(ReadOnlyMemory<byte> body, int mostModels, int mostStops, List<ServerToolEntry> server)
    {
        for (var i = 1; i < server.Count; i++)
        {
            if (server.FindIndex(tool => tool.Type == server[i].Type) < i)
                return (null, GatewayError.Invalid($"tools holds {server[i].Type} twice.", "tools"));
        }

        var (request, error) = Read(ServerToolRewriter.Rewrite(body.Span), mostModels, mostStops);
        return (request is null ? null : request with { ServerTools = server }, error);
    }

    private static bool ReadMembers(ref RequestCursor cursor, ref RequestDraft draft)
    {
        cursor.Read();
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, RequestFields.Names, out var field))
        {
            if (!RequestFieldReader.Read(ref cursor, field, ref draft))
                return false;
        }

        // Anything but white space after the object throws here.
        return cursor.Ok && !cursor.Read();
    }

    private static bool Settle(ref RequestCursor cursor, ref RequestDraft draft, int mostModels, out ReasoningOptions? reasoning)
    {
        reasoning = null;
        if (!SettlePrompt(ref cursor, ref draft) || !SettleModels(ref cursor, ref draft, mostModels) || !SettleTools(ref cursor, ref draft))
            return false;
        if (draft.TopLogprobs is not null && draft.Logprobs != true)
            return cursor.FailNamed("top_logprobs", "needs logprobs to be true");
        return ReasoningReader.Fold(ref cursor, draft.Reasoning, out reasoning);
    }

    private static bool SettlePrompt(ref RequestCursor cursor, ref RequestDraft draft)
    {
        if (draft is { HasMessages: false, HasPrompt: false })
            return cursor.FailNamed("messages", "is required");
        if (draft is { HasMessages: true, HasPrompt: true })
            return cursor.FailNamed("prompt", "cannot be sent together with messages");
        if (draft.HasPrompt)
            draft.Content.Messages = 1;
        return true;
    }

    private static bool SettleModels(ref RequestCursor cursor, ref RequestDraft draft, int mostModels)
    {
        if (mostModels > 0 && draft.Models.Count > mostModels)
            return cursor.FailAt(draft.ModelsAt, $"may name at most {mostModels} models");
        if (draft.Models is not List<string> models)
            return true;
        for (var i = models.Count - 1; i >= 0; i--)
        {
            var slug = models[i];
            if (slug.Equals(draft.Model, StringComparison.OrdinalIgnoreCase)
                || models.FindIndex(m => m.Equals(slug, StringComparison.OrdinalIgnoreCase)) < i)
                models.RemoveAt(i);
        }

        return true;
    }

    /// <summary>I-08: the older names fold into the newer ones. I-09: a choice without tools is dropped, and so is a wish about parallel calls.</summary>
    private static bool SettleTools(ref RequestCursor cursor, ref RequestDraft draft)
    {
        if (draft.ToolNames is not null && draft.FunctionNames is not null)
            return cursor.FailNamed("functions", "cannot be sent together with tools");
        var choiceName = draft.ToolChoice is null ? "function_call.name"
            : draft.ToolChoice.FunctionName is { } named && ServerTools.TypeOfFunction(named) is not null ? "tool_choice" : "tool_choice.function.name";
        draft.ToolChoice ??= draft.FunctionCall;
        if ((draft.ToolNames ?? draft.FunctionNames) is not { } names)
        {
            draft.ToolChoice = null;
            draft.ParallelToolCalls = null;
            return true;
        }

        if (draft.ToolChoice is { Kind: ToolChoiceKind.Function, FunctionName: { } chosen } && !names.Contains(chosen))
            return cursor.FailNamed(choiceName, "names a function that is not among the tools");
        if (draft.ToolChoice is not null)
            draft.Used |= ParameterSet.ToolChoice;
        if (draft.ParallelToolCalls is not null)
            draft.Used |= ParameterSet.ParallelToolCalls;
        return true;
    }

    private static CanonicalRequest Build(ReadOnlyMemory<byte> body, in RequestDraft draft, ReasoningOptions? reasoning) => new()
    {
        Dialect = ClientDialect.ChatCompletions,
        Body = body,
        ReadConversation = ConversationReader.Read,
        Model = draft.Model,
        Models = draft.Models,
        Stream = draft.Stream,
        MaxTokens = draft.MaxCompletionTokens ?? draft.MaxTokens,
        N = draft.N ?? 1,
        Used = draft.Used,
        Temperature = draft.Temperature,
        TopP = draft.TopP,
        TopK = draft.TopK,
        MinP = draft.MinP,
        TopA = draft.TopA,
        FrequencyPenalty = draft.FrequencyPenalty,
        PresencePenalty = draft.PresencePenalty,
        RepetitionPenalty = draft.RepetitionPenalty,
        Seed = draft.Seed,
        Stop = draft.Stop,
        Logprobs = draft.Logprobs ?? false,
        TopLogprobs = draft.TopLogprobs,
        Verbosity = draft.Verbosity,
        Reasoning = reasoning,
        ResponseFormat = draft.ResponseFormat,
        ToolChoice = draft.ToolChoice,
        ParallelToolCalls = draft.ParallelToolCalls,
        Modalities = draft.Modalities,
        Cache = draft.Cache,
        User = draft.User,
        SessionId = draft.SessionId,
        PromptCacheKey = draft.PromptCacheKey,
        SortsTogether = draft.Route is null ? null : draft.Route == "sort",
        Provider = draft.Provider,
        Preset = draft.Preset,
        Plugins = draft.Plugins,
        Transforms = draft.Transforms,
        EchoUpstreamBody = draft.EchoUpstreamBody,
        ServiceTier = draft.ServiceTier,
        MaxToolCalls = draft.MaxToolCalls,
        Content = draft.Content.ToFacts(),
    };
}

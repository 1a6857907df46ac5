using System.Text.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>Members that only travel along in the bytes, or are accepted without effect: checked for type and limits, not kept.</summary>
internal static class CarriedFieldReader
{
    private const int MostMetadata = 16;
    private const int LongestMetadataKey = 64;
    private const int LongestMetadataValue = 512;

    // "21:9", "4K": which ones there are is the model's to say.
    private const int LongestImageWish = 16;

    private enum Flag
    {
        IncludeUsage,
        Include,
        EchoUpstreamBody,
    }

    private enum SearchMember
    {
        ContextSize,
    }

    private enum PredictionMember
    {
        Type,
        Content,
    }

    private enum AudioMember
    {
        Voice,
        Format,
    }

    private static readonly NameTable<Flag> StreamOptions = new(("include_usage", Flag.IncludeUsage));
    private static readonly NameTable<Flag> Usage = new(("include", Flag.Include));
    private static readonly NameTable<Flag> Debug = new(("echo_upstream_body", Flag.EchoUpstreamBody));
    private static readonly NameTable<SearchMember> Search = new(("search_context_size", SearchMember.ContextSize));

    private static readonly NameTable<PredictionMember> Prediction = new(
        ("type", PredictionMember.Type), ("content", PredictionMember.Content));

    private static readonly NameTable<AudioMember> Audio = new(("voice", AudioMember.Voice), ("format", AudioMember.Format));

    public static bool Check(ref RequestCursor cursor, RequestField field) => field switch
    {
        RequestField.StreamOptions => ReadFlags(ref cursor, StreamOptions, out _),
        RequestField.Usage => ReadFlags(ref cursor, Usage, out _),
        RequestField.Metadata => CheckMetadata(ref cursor),
        RequestField.Audio => CheckAudio(ref cursor),
        RequestField.ImageConfig => CheckImageConfig(ref cursor),
        RequestField.StopServerToolsWhen => CheckConditions(ref cursor),
        RequestField.PromptCacheOptions or RequestField.Trace or RequestField.XSearchFilter => cursor.SkipObject(),
        _ => cursor.Skip(),
    };

    public static bool ReadDebug(ref RequestCursor cursor, out bool echo) => ReadFlags(ref cursor, Debug, out echo);

    public static bool CheckLogitBias(ref RequestCursor cursor)
    {
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextEntry(ref seen, out _))
        {
            if (!cursor.ReadNumber(-100, 100, out _))
                return false;
        }

        return cursor.Ok;
    }

    public static bool CheckWebSearch(ref RequestCursor cursor)
    {
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Search, out _))
        {
            if (!cursor.ReadWord(["low", "medium", "high"], out _))
                return false;
        }

        return cursor.Ok;
    }

    public static bool CheckPrediction(ref RequestCursor cursor)
    {
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        var hasType = false;
        var hasContent = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Prediction, out var member))
        {
            // A predicted output is no prompt: what it costs is billed as completion tokens.
            var apart = default(ContentCount);
            var ok = member == PredictionMember.Type
                ? hasType = cursor.ReadWord(["content"], out _)
                : hasContent = PartReader.ReadContent(ref cursor, ref apart, out _);
            if (!ok)
                return false;
        }

        if (!cursor.Ok)
            return false;
        return hasType ? hasContent || cursor.FailMissing(start, "content") : cursor.FailMissing(start, "type");
    }

    private static bool ReadFlags(ref RequestCursor cursor, NameTable<Flag> names, out bool value)
    {
        value = false;
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, names, out _))
        {
            if (!cursor.ReadBoolean(out value))
                return false;
        }

        return cursor.Ok;
    }

    private static bool CheckMetadata(ref RequestCursor cursor)
    {
        if (!cursor.IsObject())
            return false;
        var pairs = 0;
        var seen = default(KeySet);
        while (cursor.NextEntry(ref seen, out var name))
        {
            if (++pairs > MostMetadata)
                return cursor.Fail($"is one too many: metadata holds at most {MostMetadata} pairs");
            if (name.Length > LongestMetadataKey || name.AsSpan().IndexOfAny('[', ']') >= 0)
                return cursor.Fail($"has a name longer than {LongestMetadataKey} characters or with brackets");
            if (!cursor.ReadString(out _, LongestMetadataValue))
                return false;
        }

        return cursor.Ok;
    }

    private static bool CheckAudio(ref RequestCursor cursor)
    {
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Audio, out var member))
        {
            // A voice may also be an object: {id}.
            if (member == AudioMember.Format ? !cursor.IsString() : !cursor.Skip())
                return false;
        }

        return cursor.Ok;
    }

    private static bool CheckImageConfig(ref RequestCursor cursor)
    {
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextEntry(ref seen, out var name))
        {
            if ((name is "aspect_ratio" or "image_size") && cursor.Kind != JsonTokenType.Null)
            {
                if (!cursor.ReadString(out _, LongestImageWish))
                    return false;
                continue;
            }

            if (cursor.Kind is not (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.StartArray or JsonTokenType.Null))
                return cursor.Fail("must be a string, a number or an array");
            cursor.Skip();
        }

        return cursor.Ok;
    }

    private static bool CheckConditions(ref RequestCursor cursor)
    {
        var start = cursor.Position;
        if (!cursor.IsArray())
            return false;
        var conditions = 0;
        while (cursor.NextElement())
        {
            conditions++;
            if (!cursor.SkipObject())
                return false;
        }

        return cursor.Ok && (conditions > 0 || cursor.FailAt(start, "must hold at least one condition"));
    }
}

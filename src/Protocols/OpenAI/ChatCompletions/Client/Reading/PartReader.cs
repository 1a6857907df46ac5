using System.Text.Json;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>Content parts (inference §3.3). A part's <c>type</c> may come after its payload, so the payload is read first and judged at the end.</summary>
internal static class PartReader
{
    private enum Member
    {
        Type,
        Text,
        Refusal,
        ImageUrl,
        File,
        InputAudio,
        VideoUrl,
        CacheControl,
        CacheBreakpoint,
    }

    [Flags]
    private enum Payloads
    {
        None = 0,
        Text = 1,
        Refusal = 2,
        Image = 4,
        File = 8,
        Audio = 16,
        Video = 32,
    }

    private static readonly NameTable<Member> Members = new(
        ("type", Member.Type), ("text", Member.Text), ("refusal", Member.Refusal), ("image_url", Member.ImageUrl), ("file", Member.File),
        ("input_audio", Member.InputAudio), ("video_url", Member.VideoUrl), ("cache_control", Member.CacheControl),
        ("prompt_cache_breakpoint", Member.CacheBreakpoint));

    private static readonly string[] Types = ["text", "image_url", "file", "input_audio", "video_url", "input_video", "refusal"];

    /// <summary>Reads a string or an array of parts. <paramref name="firstOther"/> is where the first part that is not text starts, or −1.</summary>
    public static bool ReadContent(ref RequestCursor cursor, ref ContentCount count, out int firstOther)
    {
        firstOther = -1;
        if (cursor.Kind == JsonTokenType.String)
            return cursor.CountText(ref count.Tokens);
        if (cursor.Kind != JsonTokenType.StartArray)
            return cursor.Fail("must be a string or an array of content parts");
        while (cursor.NextElement())
        {
            var start = cursor.Position;
            if (!ReadPart(ref cursor, ref count, out var isText))
                return false;
            if (!isText && firstOther < 0)
                firstOther = start;
        }

        return cursor.Ok;
    }

    private static bool ReadPart(ref RequestCursor cursor, ref ContentCount count, out bool isText)
    {
        isText = false;
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        string? type = null;
        var given = Payloads.None;
        var tokens = 0L;
        var seconds = 0;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member))
        {
            bool ok;
            switch (member)
            {
                case Member.Type:
                    ok = cursor.ReadWord(Types, out type);
                    break;
                case Member.Text:
                    given |= Payloads.Text;
                    ok = cursor.CountText(ref tokens);
                    break;
                case Member.Refusal:
                    given |= Payloads.Refusal;
                    ok = cursor.CountText(ref tokens);
                    break;
                case Member.ImageUrl:
                    given |= Payloads.Image;
                    ok = MediaReader.ReadUrl(ref cursor, ErrorKind.InvalidImage);
                    break;
                case Member.File:
                    given |= Payloads.File;
                    ok = MediaReader.ReadFile(ref cursor);
                    break;
                case Member.InputAudio:
                    given |= Payloads.Audio;
                    ok = MediaReader.ReadAudio(ref cursor, out seconds);
                    break;
                case Member.VideoUrl:
                    given |= Payloads.Video;
                    ok = MediaReader.ReadUrl(ref cursor, ErrorKind.InvalidRequest);
                    break;
                case Member.CacheControl:
                    ok = CacheMarkReader.Check(ref cursor);
                    break;
                default:
                    ok = cursor.SkipObject();
                    break;
            }

            if (!ok)
                return false;
        }

        if (!cursor.Ok)
            return false;
        if (type is null)
            return cursor.FailMissing(start, "type");
        var (payload, name) = PayloadOf(type);
        if ((given & payload) == Payloads.None)
            return cursor.FailMissing(start, name, $"is required in a part of type {type}");
        isText = payload == Payloads.Text;
        Add(ref count, payload, tokens, seconds);
        return true;
    }

    private static (Payloads Payload, string Member) PayloadOf(string type) => type switch
    {
        "text" => (Payloads.Text, "text"),
        "refusal" => (Payloads.Refusal, "refusal"),
        "image_url" => (Payloads.Image, "image_url"),
        "file" => (Payloads.File, "file"),
        "input_audio" => (Payloads.Audio, "input_audio"),
        _ => (Payloads.Video, "video_url"),
    };

    private static void Add(ref ContentCount count, Payloads payload, long tokens, int seconds)
    {
        switch (payload)
        {
            case Payloads.Image:
                count.Images++;
                break;
            case Payloads.File:
                count.Files++;
                break;
            case Payloads.Audio:
                count.Audio++;
                count.AudioSeconds += seconds;
                break;
            case Payloads.Video:
                count.Videos++;
                break;
            default:
                count.Tokens += tokens;
                break;
        }
    }
}

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

    private enum UrlMember
    {
        Url,
        Detail,
    }

    private enum FileMember
    {
        FileName,
        FileData,
        FileId,
    }

    private enum AudioMember
    {
        Data,
        Format,
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

    private static readonly NameTable<UrlMember> UrlMembers = new(("url", UrlMember.Url), ("detail", UrlMember.Detail));

    private static readonly NameTable<FileMember> FileMembers = new(
        ("filename", FileMember.FileName), ("file_data", FileMember.FileData), ("file_id", FileMember.FileId));

    private static readonly NameTable<AudioMember> AudioMembers = new(("data", AudioMember.Data), ("format", AudioMember.Format));

    private static readonly string[] Types = ["text", "image_url", "file", "input_audio", "video_url", "input_video", "refusal"];
    private static readonly string[] Details = ["auto", "low", "high", "original"];
    private static readonly string[] AudioFormats = ["wav", "mp3", "aiff", "aac", "ogg", "flac", "m4a", "pcm16", "pcm24"];

    /// <summary>Reads a string or an array of parts. <paramref name="firstOther"/> is where the first part that is not text starts, or −1.</summary>
    public static bool ReadContent(ref RequestCursor cursor, ref ContentCount count, out int firstOther)
    {
        firstOther = -1;
        if (cursor.Kind == System.Text.Json.JsonTokenType.String)
            return cursor.CountText(ref count.Tokens);
        if (cursor.Kind != System.Text.Json.JsonTokenType.StartArray)
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
                    ok = ReadUrl(ref cursor, "image");
                    break;
                case Member.File:
                    given |= Payloads.File;
                    ok = ReadFile(ref cursor);
                    break;
                case Member.InputAudio:
                    given |= Payloads.Audio;
                    ok = ReadAudio(ref cursor, out seconds);
                    break;
                case Member.VideoUrl:
                    given |= Payloads.Video;
                    ok = ReadUrl(ref cursor, "video");
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

    private static bool ReadUrl(ref RequestCursor cursor, string noun)
    {
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        var hasUrl = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, UrlMembers, out var member))
        {
            if (member == UrlMember.Detail)
            {
                if (!cursor.ReadWord(Details, out _))
                    return false;
                continue;
            }

            if (!cursor.IsString())
                return false;
            var url = cursor.Text();
            if (!IsWebAddress(url) && !IsDataUrl(url))
                return cursor.Fail("must be an http or https address or a data: URL in base64", noun == "image" ? ErrorKind.InvalidImage : ErrorKind.InvalidRequest);
            hasUrl = true;
        }

        return cursor.Ok && (hasUrl || cursor.FailMissing(start, "url"));
    }

    private static bool ReadFile(ref RequestCursor cursor)
    {
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        var hasContent = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, FileMembers, out var member))
        {
            if (!cursor.IsString())
                return false;
            hasContent |= member is FileMember.FileData or FileMember.FileId;
        }

        return cursor.Ok && (hasContent || cursor.FailMissing(start, "file_data"));
    }

    private static bool ReadAudio(ref RequestCursor cursor, out int seconds)
    {
        seconds = 0;
        var start = cursor.Position;
        if (!cursor.IsObject())
            return false;
        string? format = null;
        ReadOnlySpan<byte> data = default;
        var hasData = false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, AudioMembers, out var member))
        {
            if (member == AudioMember.Format)
            {
                if (!cursor.ReadWord(AudioFormats, out format))
                    return false;
                continue;
            }

            if (!cursor.IsString())
                return false;

            // The raw token outlives the cursor's scratch buffer; an escaped slash makes a clip look a little longer, no more.
            data = cursor.RawText;
            if (IsWebAddress(data) || StartsWith(data, "data:"u8))
                return cursor.Fail("must be plain base64, not an address");
            hasData = true;
        }

        if (!cursor.Ok)
            return false;
        if (!hasData)
            return cursor.FailMissing(start, "data");
        if (format is null)
            return cursor.FailMissing(start, "format");
        seconds = AudioLength.EstimateSeconds(data, format);
        return true;
    }

    private static bool IsWebAddress(ReadOnlySpan<byte> url) => StartsWith(url, "https://"u8) || StartsWith(url, "http://"u8);

    private static bool IsDataUrl(ReadOnlySpan<byte> url)
    {
        if (!StartsWith(url, "data:"u8))
            return false;
        var comma = url.IndexOf((byte)',');
        return comma > 0 && url[..comma].EndsWith(";base64"u8) && comma + 1 < url.Length;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix) =>
        text.Length >= prefix.Length && System.Text.Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix);
}

using System.Text;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>What image, video, file and audio parts hold (inference §3.3).</summary>
internal static class MediaReader
{
    private enum UrlMember
    {
        Url,
        Detail,
    }

    private enum ImageMember
    {
        ImageUrl,
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

    private static readonly NameTable<UrlMember> UrlMembers = new(("url", UrlMember.Url), ("detail", UrlMember.Detail));

    private static readonly NameTable<ImageMember> ImageMembers = new(("image_url", ImageMember.ImageUrl));

    private static readonly NameTable<FileMember> FileMembers = new(
        ("filename", FileMember.FileName), ("file_data", FileMember.FileData), ("file_id", FileMember.FileId));

    private static readonly NameTable<AudioMember> AudioMembers = new(("data", AudioMember.Data), ("format", AudioMember.Format));

    private static readonly string[] Details = ["auto", "low", "high", "original"];
    private static readonly string[] AudioFormats = ["wav", "mp3", "aiff", "aac", "ogg", "flac", "m4a", "pcm16", "pcm24"];

    /// <summary>An image or a video: an address or a data URL. <paramref name="kind"/> is what a bad one is called.</summary>
    public static bool ReadUrl(ref RequestCursor cursor, ErrorKind kind)
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
                return cursor.Fail("must be an http or https address or a data: URL in base64", kind);
            hasUrl = true;
        }

        return cursor.Ok && (hasUrl || cursor.FailMissing(start, "url"));
    }

    /// <summary>The images of an answer, sent back as they came: <c>{type, image_url: {url}}</c>, other members beside.</summary>
    public static bool ReadImages(ref RequestCursor cursor, out int images)
    {
        images = 0;
        if (!cursor.IsArray())
            return false;
        while (cursor.NextElement())
        {
            var start = cursor.Position;
            if (!cursor.IsObject())
                return false;
            var hasImage = false;
            var seen = default(KeySet);
            while (cursor.NextMember(ref seen, ImageMembers, out _))
            {
                if (!ReadUrl(ref cursor, ErrorKind.InvalidImage))
                    return false;
                hasImage = true;
            }

            if (!cursor.Ok || (!hasImage && !cursor.FailMissing(start, "image_url")))
                return false;
            images++;
        }

        return cursor.Ok;
    }

    /// <summary>A file: an address, a data URL, bare base64 (I-13) or the id of an uploaded one.</summary>
    public static bool ReadFile(ref RequestCursor cursor)
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

    /// <summary>A clip as plain base64, and how long it probably plays.</summary>
    public static bool ReadAudio(ref RequestCursor cursor, out int seconds)
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
        text.Length >= prefix.Length && Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix);
}

using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Files and sound for hosts that take them as <c>document_url</c> and a bare <c>input_audio</c> (Mistral; providers §2.6). Text files become text under their name,
/// since those hosts publish no document type for them; images sent as files become images.
/// </summary>
internal static class DocumentParts
{
    // A media type and its parameters are shorter; what is longer is none.
    private const int LongestHead = 200;

    private enum FileForm
    {
        Unusable,
        Address,
        Pdf,
        Document,
        Image,
        Text,
    }

    /// <summary>The first part that cannot be said, by its place; null when all can.</summary>
    public static GatewayError? Check(CanonicalRequest request)
    {
        if (request.Content is { Files: 0, Audio: 0, Videos: 0 })
            return null;
        var elements = new JsonElements(JsonMembers.Find(request.Body.Span, "messages"u8));
        for (var i = 0; elements.Next(); i++)
        {
            var content = JsonMembers.Find(elements.Value, "content"u8);
            if (content is not [(byte)'[', ..])
                continue;
            var parts = new JsonElements(content);
            for (var j = 0; parts.Next(); j++)
            {
                if (Fault(parts.Value) is { } fault)
                    return GatewayError.Invalid(fault.Message, $"messages[{i}].content[{j}]{fault.Member}");
            }
        }

        return null;
    }

    /// <summary>The part has a form of its own there.</summary>
    public static bool IsOne(ReadOnlySpan<byte> part)
    {
        var type = JsonMembers.FindString(part, "type"u8);
        return type.SequenceEqual("file"u8) || type.SequenceEqual("input_audio"u8);
    }

    /// <summary>Writes a part that passed <see cref="Check"/>. Members nobody here knows are kept.</summary>
    public static void Write(ReadOnlySpan<byte> part, ref JsonOutput output)
    {
        output.BeginObject();
        var members = new JsonMembers(part);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("file"u8))
            {
                WriteFile(members.Value, ref output);
            }
            else if (members.Name.SequenceEqual("input_audio"u8))
            {
                output.Member("type"u8, "\"input_audio\""u8);
                output.Member("input_audio"u8, JsonMembers.Find(members.Value, "data"u8));
            }
            else if (!(members.Name.SequenceEqual("type"u8) || members.Name.SequenceEqual("cache_control"u8) || members.Name.SequenceEqual("prompt_cache_breakpoint"u8)))
            {
                output.Member(members.Name, members.Value);
            }
        }

        output.EndObject();
    }

    private static void WriteFile(ReadOnlySpan<byte> file, ref JsonOutput output)
    {
        var data = JsonMembers.Find(file, "file_data"u8);
        var name = JsonMembers.Find(file, "filename"u8) is [(byte)'"', ..] found ? found : default;
        var form = Form(data[1..^1]);
        if (form == FileForm.Text)
        {
            output.Member("type"u8, "\"text\""u8);
            output.Name("text"u8);
            output.String((name.IsEmpty ? "" : JsonText.ToText(name[1..^1]) + ":\n") + (DataUrl.TryParse(JsonText.ToText(data[1..^1]), out var text) ? text.ReadText() : ""));
            return;
        }

        if (form == FileForm.Image)
        {
            output.Member("type"u8, "\"image_url\""u8);
            output.Member("image_url"u8, data);
            return;
        }

        output.Member("type"u8, "\"document_url\""u8);
        output.Name("document_url"u8);
        if (form == FileForm.Pdf)
        {
            // The label follows the first bytes: callers mislabel often, and bare base64 has none (I-13).
            output.OpenString();
            output.Escaped("data:application/pdf;base64,"u8);
            output.Escaped(data[1..^1][(data[1..^1].IndexOf((byte)',') + 1)..]);
            output.CloseString();
        }
        else
        {
            output.Raw(data);
        }

        if (!name.IsEmpty)
            output.Member("document_name"u8, name);
    }

    private static (string Member, string Message)? Fault(ReadOnlySpan<byte> part)
    {
        var type = JsonMembers.FindString(part, "type"u8);
        if (type.SequenceEqual("input_video"u8) || type.SequenceEqual("video_url"u8))
            return ("", "Mistral's models take no video: send text, images, documents or audio, or choose a model with video input.");
        if (type.SequenceEqual("input_audio"u8))
        {
            return JsonMembers.FindString(JsonMembers.Find(part, "input_audio"u8), "format"u8).StartsWith("pcm"u8)
                ? (".input_audio.format", "Mistral's models cannot tell raw samples from other sound: send wav, mp3, flac, ogg or m4a.")
                : null;
        }

        if (!type.SequenceEqual("file"u8))
            return null;
        var data = JsonMembers.Find(JsonMembers.Find(part, "file"u8), "file_data"u8);
        if (data is not [(byte)'"', .. var inside, (byte)'"'])
            return (".file", "Files by file_id are not offered: send the content as file_data.");
        var form = Form(inside);
        return form == FileForm.Unusable || (form == FileForm.Text && !DataUrl.TryParse(JsonText.ToText(data[1..^1]), out _))
            ? (".file.file_data", "For Mistral's models file_data must be an http(s) address, a base64 PDF, or a base64 data URL of a document, a text or an image.")
            : null;
    }

    private static FileForm Form(ReadOnlySpan<byte> data)
    {
        if (data.StartsWith("JVBERi"u8))
            return FileForm.Pdf;
        var comma = data[..Math.Min(data.Length, LongestHead)].IndexOf((byte)',');
        var head = Encoding.UTF8.GetString(data[..(comma < 0 ? Math.Min(data.Length, LongestHead) : comma)]).Replace("\\/", "/", StringComparison.Ordinal).ToLowerInvariant();
        if (head.StartsWith("https://", StringComparison.Ordinal) || head.StartsWith("http://", StringComparison.Ordinal))
            return FileForm.Address;
        if (comma < 0 || !head.StartsWith("data:", StringComparison.Ordinal))
            return FileForm.Unusable;
        var inBase64 = head.EndsWith(";base64", StringComparison.Ordinal);
        if (inBase64 && data[(comma + 1)..].StartsWith("JVBERi"u8))
            return FileForm.Pdf;
        var media = head[5..].Split(';')[0].Trim();
        if (media.Length == 0 || media.StartsWith("text/", StringComparison.Ordinal) || media is "application/json" or "application/xml" or "application/yaml")
            return FileForm.Text;
        if (!inBase64 || media.StartsWith("audio/", StringComparison.Ordinal) || media.StartsWith("video/", StringComparison.Ordinal))
            return FileForm.Unusable;
        return media.StartsWith("image/", StringComparison.Ordinal) ? FileForm.Image : FileForm.Document;
    }
}

using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI;

/// <summary>
/// Citations of pages among annotations that are copied: where the provider leaves out the title or the place in the text they are added, empty and 0 (inference
/// I-20). Both forms, chat's with a member <c>url_citation</c> and the flat one of Responses. What is whole keeps its bytes.
/// </summary>
internal static class UrlCitations
{
    private static ReadOnlySpan<byte> Type => "url_citation"u8;

    /// <summary>Writes the value of <c>annotations</c>.</summary>
    public static void WriteList(ReadOnlySpan<byte> annotations, ref JsonOutput output)
    {
        if (annotations is not [(byte)'[', ..] || !AnyLacks(annotations))
        {
            output.Raw(annotations);
            return;
        }

        output.BeginArray();
        var list = new JsonElements(annotations);
        while (list.Next())
            WriteOne(list.Value, ref output);
        output.EndArray();
    }

    /// <summary>Copies JSON with annotations anywhere in it: members <c>annotations</c> and <c>annotation</c>.</summary>
    public static void WriteWithin(ReadOnlySpan<byte> json, ref JsonOutput output)
    {
        if (json is not [(byte)'{' or (byte)'[', ..] || !MayBeIn(json))
        {
            output.Raw(json);
        }
        else if (json[0] == (byte)'[')
        {
            output.BeginArray();
            var elements = new JsonElements(json);
            while (elements.Next())
                WriteWithin(elements.Value, ref output);
            output.EndArray();
        }
        else
        {
            output.BeginObject();
            var members = new JsonMembers(json);
            while (members.Next())
            {
                output.Name(members.Name);
                if (members.Name.SequenceEqual("annotations"u8))
                    WriteList(members.Value, ref output);
                else if (members.Name.SequenceEqual("annotation"u8))
                    WriteOne(members.Value, ref output);
                else
                    WriteWithin(members.Value, ref output);
            }

            output.EndObject();
        }
    }

    /// <summary>Found as bytes: a text that merely mentions the words is looked at without effect.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> json) => json.IndexOf("\"url_citation\""u8) >= 0;

    private static bool AnyLacks(ReadOnlySpan<byte> annotations)
    {
        var list = new JsonElements(annotations);
        while (list.Next())
        {
            if (IsOne(list.Value) && Lacks(Inner(list.Value)))
                return true;
        }

        return false;
    }

    private static void WriteOne(ReadOnlySpan<byte> annotation, ref JsonOutput output)
    {
        if (!IsOne(annotation) || !Lacks(Inner(annotation)))
        {
            output.Raw(annotation);
            return;
        }

        if (JsonMembers.Find(annotation, Type) is not [(byte)'{', ..])
        {
            WriteWhole(annotation, ref output);
            return;
        }

        output.BeginObject();
        var members = new JsonMembers(annotation);
        while (members.Next())
        {
            output.Name(members.Name);
            if (members.Name.SequenceEqual(Type))
                WriteWhole(members.Value, ref output);
            else
                output.Raw(members.Value);
        }

        output.EndObject();
    }

    private static void WriteWhole(ReadOnlySpan<byte> citation, ref JsonOutput output)
    {
        output.BeginObject();
        var members = new JsonMembers(citation);
        while (members.Next())
        {
            if (members.Value is not [(byte)'n', ..] || !(members.Name.SequenceEqual("title"u8) || members.Name.SequenceEqual("start_index"u8) || members.Name.SequenceEqual("end_index"u8)))
                output.Member(members.Name, members.Value);
        }

        if (IsMissing(citation, "title"u8))
            output.Member("title"u8, "\"\""u8);
        if (IsMissing(citation, "start_index"u8))
            output.Member("start_index"u8, "0"u8);
        if (IsMissing(citation, "end_index"u8))
            output.Member("end_index"u8, "0"u8);
        output.EndObject();
    }

    private static bool IsOne(ReadOnlySpan<byte> annotation) => annotation is [(byte)'{', ..] && JsonMembers.FindString(annotation, "type"u8).SequenceEqual(Type);

    private static ReadOnlySpan<byte> Inner(ReadOnlySpan<byte> annotation) => JsonMembers.Find(annotation, Type) is [(byte)'{', ..] and var inner ? inner : annotation;

    private static bool Lacks(ReadOnlySpan<byte> citation) =>
        IsMissing(citation, "title"u8) || IsMissing(citation, "start_index"u8) || IsMissing(citation, "end_index"u8);

    private static bool IsMissing(ReadOnlySpan<byte> citation, ReadOnlySpan<byte> name) => JsonMembers.Find(citation, name) is [] or [(byte)'n', ..];
}

using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Images of an earlier answer, for hosts that know them only as a user's: content parts behind the message they came with.</summary>
internal static class AnswerImages
{
    /// <summary>The <c>images</c> of an assistant's message; empty where there are none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> message) =>
        JsonMembers.FindString(message, "role"u8).SequenceEqual("assistant"u8) && JsonMembers.Find(message, "images"u8) is [(byte)'[', _, _, ..] images ? images : default;

    /// <summary>A user message that shows them.</summary>
    public static void WriteMessage(ReadOnlySpan<byte> images, ref JsonOutput output)
    {
        output.BeginObject();
        output.Member("role"u8, "\"user\""u8);
        output.Name("content"u8);
        output.BeginArray();
        WriteParts(images, ref output);
        output.EndArray();
        output.EndObject();
    }

    /// <summary>Their content parts, into an open array.</summary>
    public static void WriteParts(ReadOnlySpan<byte> images, ref JsonOutput output)
    {
        var elements = new JsonElements(images);
        while (elements.Next())
        {
            output.BeginObject();
            output.Member("type"u8, "\"image_url\""u8);
            output.Name("image_url"u8);
            output.BeginObject();
            output.Member("url"u8, JsonMembers.Find(JsonMembers.Find(elements.Value, "image_url"u8), "url"u8));
            output.EndObject();
            output.EndObject();
        }
    }
}

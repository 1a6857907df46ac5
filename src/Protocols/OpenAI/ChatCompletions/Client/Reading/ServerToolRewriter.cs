using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>Puts functions into the place of the tools the gateway runs, and of the choice of one, so that everything after reading knows functions only.</summary>
internal static class ServerToolRewriter
{
    public static ReadOnlyMemory<byte> Rewrite(ReadOnlySpan<byte> body)
    {
        var output = new ArrayBufferWriter<byte>(body.Length + 512);
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        var members = new JsonMembers(body);
        while (members.Next())
        {
            writer.WritePropertyName(members.Name);
            if (members.Name.SequenceEqual("tool_choice"u8) && members.Value is [(byte)'{', ..]
                && ServerTools.TypeOf(JsonText.ToText(JsonMembers.FindString(members.Value, "type"u8))) is { } chosen)
            {
                WriteChoice(chosen, writer);
                continue;
            }

            if (!members.Name.SequenceEqual("tools"u8))
            {
                writer.WriteRawValue(members.Value, skipInputValidation: true);
                continue;
            }

            writer.WriteStartArray();
            var tools = new JsonElements(members.Value);
            while (tools.Next())
            {
                if (ServerTools.TypeOf(JsonText.ToText(JsonMembers.FindString(tools.Value, "type"u8))) is { } type)
                    ServerTools.WriteFunction(type, writer);
                else
                    writer.WriteRawValue(tools.Value, skipInputValidation: true);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static void WriteChoice(string type, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, ServerTools.FunctionOf(type));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}

using System.Text.Json;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>Content blocks in Converse's words: each block is an object with one member that names its kind, and a cache point is a block of its own behind another.</summary>
internal static class ConverseBlocks
{
    public static void Write(Utf8JsonWriter writer, AnthropicBlock block, ConverseModel model)
    {
        writer.WriteStartObject();
        WriteMember(writer, block, model);
        writer.WriteEndObject();
        WriteCachePoint(writer, block.Cache, model);
    }

    /// <summary>A breakpoint, where the family takes one. Its lifetime is the family's own.</summary>
    public static void WriteCachePoint(Utf8JsonWriter writer, CacheMark? mark, ConverseModel model)
    {
        if (mark is null || !model.CachePoints)
            return;
        writer.WriteStartObject();
        writer.WriteStartObject("cachePoint"u8);
        writer.WriteString("type"u8, "default"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter writer, AnthropicBlock block, ConverseModel model)
    {
        switch (block)
        {
            case TextBlock text:
                writer.WriteString("text"u8, text.Text);
                break;
            case MediaBlock media:
                writer.WriteStartObject(media.Type);
                writer.WriteString("format"u8, ConverseMedia.FormatOf(media.MediaType!));
                if (media.Type == "document")
                    writer.WriteString("name"u8, media.Title);
                writer.WriteStartObject("source"u8);
                writer.WriteString("bytes"u8, media.Base64);
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            case ToolUseBlock call:
                writer.WriteStartObject("toolUse"u8);
                writer.WriteString("toolUseId"u8, call.Id);
                writer.WriteString("name"u8, call.Name);
                writer.WritePropertyName("input"u8);
                writer.WriteArguments(call.Arguments);
                writer.WriteEndObject();
                break;
            case ToolResultBlock result:
                writer.WriteStartObject("toolResult"u8);
                writer.WriteString("toolUseId"u8, result.ToolUseId);
                if (result.IsError && model.ResultStatus)
                    writer.WriteString("status"u8, "error"u8);
                writer.WriteStartArray("content"u8);
                foreach (var part in result.Content)
                {
                    writer.WriteStartObject();
                    WriteMember(writer, part, model);
                    writer.WriteEndObject();
                }

                if (result.Content.Count == 0)
                {
                    writer.WriteStartObject();
                    writer.WriteString("text"u8, "(no output)"u8);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
                break;
        }
    }
}

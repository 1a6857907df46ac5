using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>The tools of a request and the choice among them (providers contract §3.2): as in a chat, without the nesting.</summary>
internal static class ResponsesTools
{
    /// <summary>Writes the tools and the choice among them; with <paramref name="onlyChoice"/> the tools are written already.</summary>
    public static void Write(Utf8JsonWriter writer, RequestContext context, bool onlyChoice)
    {
        var tools = context.SendsTools ? context.Request.Conversation.Tools : [];
        var search = context.Request.Search;
        if (tools.Count == 0 && search is null)
            return;
        if (!onlyChoice)
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in tools)
                Write(writer, context, tool);
            if (search is not null)
                Write(writer, search);
            writer.WriteEndArray();
        }

        if (search is { IsForced: true })
        {
            writer.WriteStartObject("tool_choice"u8);
            writer.WriteString("type"u8, "web_search"u8);
            writer.WriteEndObject();
        }

        if (tools.Count == 0)
            return;
        if (onlyChoice && JsonMembers.Find(context.Request.Original.Span, "tool_choice"u8) is [(byte)'{', ..] said && JsonMembers.FindString(said, "type"u8).SequenceEqual("allowed_tools"u8))
        {
            writer.WritePropertyName("tool_choice"u8);
            writer.WriteRawValue(said, skipInputValidation: true);
        }
        else if (context.Request.ToolChoice is { } choice && ToolListEditor.Taken(choice, context) is { } kind)
            WriteChoice(writer, kind, choice.FunctionName);
        if (context.Request.ParallelToolCalls is { } parallel && context.Supports(ParameterSet.ParallelToolCalls))
            writer.WriteBoolean("parallel_tool_calls"u8, parallel);
    }

    private static void Write(Utf8JsonWriter writer, RequestContext context, ToolDefinition tool)
    {
        var strict = StrictSchema.For(tool.Strict == true, tool.Parameters ?? default, context, SchemaReport.Tool(tool.Name));
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteString("name"u8, tool.Name);
        if (tool.Description is not null)
            writer.WriteString("description"u8, tool.Description);
        writer.WritePropertyName("parameters"u8);
        if (strict.Compiled is { } compiled)
            compiled.Write(writer);
        else
            writer.WriteParameters(tool.Parameters);
        // Left out it is true here, and false in a chat.
        writer.WriteBoolean("strict"u8, strict.IsStrict);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, NativeSearch search)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "web_search"u8);
        if (search.ContextSize is { } size)
            writer.WriteString("search_context_size"u8, size);
        if (search.IncludeDomains.Count > 0)
        {
            writer.WriteStartObject("filters"u8);
            writer.WriteTexts("allowed_domains"u8, search.IncludeDomains);
            writer.WriteEndObject();
        }

        search.Location?.Write(writer);
        writer.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter writer, ToolChoiceKind kind, string? function)
    {
        if (kind != ToolChoiceKind.Function)
        {
            writer.WriteString("tool_choice"u8, kind == ToolChoiceKind.Required ? "required"u8 : kind == ToolChoiceKind.None ? "none"u8 : "auto"u8);
            return;
        }

        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, "function"u8);
        writer.WriteString("name"u8, function ?? "");
        writer.WriteEndObject();
    }
}

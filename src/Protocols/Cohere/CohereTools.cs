using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>The tools of a request and the choice among them (providers contract §9).</summary>
internal static class CohereTools
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<ToolDefinition> tools, ToolChoice? choice)
    {
        // The choice of one function is said by offering no other.
        if (choice is { Kind: ToolChoiceKind.Function, FunctionName: { } only })
            tools = [.. tools.Where(tool => tool.Name == only)];
        if (tools.Count == 0)
            return;
        writer.WriteStartArray("tools"u8);
        foreach (var tool in tools)
            Write(writer, tool);
        writer.WriteEndArray();
        if (tools.Any(tool => tool.Strict == true) && tools.All(CanBeStrict))
            writer.WriteBoolean("strict_tools"u8, true);
        if (choice?.Kind is ToolChoiceKind.Required or ToolChoiceKind.Function)
            writer.WriteString("tool_choice"u8, "REQUIRED"u8);
        else if (choice?.Kind == ToolChoiceKind.None)
            writer.WriteString("tool_choice"u8, "NONE"u8);
    }

    private static void Write(Utf8JsonWriter writer, ToolDefinition tool)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, tool.Name);
        if (tool.Description is not null)
            writer.WriteString("description"u8, tool.Description);
        writer.WritePropertyName("parameters"u8);
        writer.WriteParameters(tool.Parameters);

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // Strictness is one switch for all tools, refused when one of them requires no argument.
    private static bool CanBeStrict(ToolDefinition tool) => tool.Parameters is { } parameters && parameters.Items("required"u8).Any();
}

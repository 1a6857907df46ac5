using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Ollama;

/// <summary>The tools of a request. The format has no choice among them: it is made by what is offered (providers contract §10.1).</summary>
internal static class OllamaTools
{
    /// <summary>None where the caller wants no call, one where it wants that one.</summary>
    public static IReadOnlyList<ToolDefinition> Offered(IReadOnlyList<ToolDefinition> tools, ToolChoice? choice) => choice switch
    {
        { Kind: ToolChoiceKind.None } => [],
        { Kind: ToolChoiceKind.Function, FunctionName: { } only } => [.. tools.Where(tool => tool.Name == only)],
        _ => tools,
    };

    public static void Write(Utf8JsonWriter writer, IReadOnlyList<ToolDefinition> tools, SchemaReport? report)
    {
        if (tools.Count == 0)
            return;
        writer.WriteStartArray("tools"u8);
        foreach (var tool in tools)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            writer.WriteString("name"u8, tool.Name);
            writer.WriteString("description"u8, tool.Description ?? "");
            writer.WritePropertyName("parameters"u8);
            // What is no schema is the server's to refuse.
            if (tool.Parameters is { ValueKind: JsonValueKind.Object } given && SchemaCompiler.Compile(given, SchemaSubsets.OllamaTool) is { CanBeSaid: true } compiled)
                compiled.ReportTo(report, SchemaReport.Tool(tool.Name)).Write(writer);
            else
                writer.WriteParameters(tool.Parameters);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

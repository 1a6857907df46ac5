using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Writes <c>tools</c> and <c>toolConfig</c>.</summary>
internal static class GeminiTools
{
    public static void Write(Utf8JsonWriter writer, CanonicalRequest request, IReadOnlyList<ToolDefinition> tools, GeminiSchemas schemas, GeminiModel model)
    {
        if (tools.Count == 0 && request.Search is null)
            return;
        writer.WriteStartArray("tools"u8);
        if (tools.Count > 0)
            WriteDeclarations(writer, tools, schemas, model);
        if (request.Search is not null)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("googleSearch"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (tools.Count > 0)
            WriteChoice(writer, request.ToolChoice, strict: model.JsonSchema && tools.Any(tool => tool.Strict == true));
    }

    private static void WriteDeclarations(Utf8JsonWriter writer, IReadOnlyList<ToolDefinition> tools, GeminiSchemas schemas, GeminiModel model)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("functionDeclarations"u8);
        foreach (var tool in tools)
            WriteDeclaration(writer, tool, schemas.Of(tool), model);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteDeclaration(Utf8JsonWriter writer, ToolDefinition tool, CompiledSchema? schema, GeminiModel model)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.Name);
        writer.WriteString("description"u8, tool.Description ?? tool.Name); // required there
        if (schema is not null)
        {
            writer.WritePropertyName(model.JsonSchema ? "parametersJsonSchema"u8 : "parameters"u8);
            schema.Write(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter writer, ToolChoice? choice, bool strict)
    {
        if (choice is null && !strict)
            return;
        writer.WriteStartObject("toolConfig"u8);
        writer.WriteStartObject("functionCallingConfig"u8);
        writer.WriteString("mode"u8, choice?.Kind switch
        {
            ToolChoiceKind.None => "NONE"u8,
            ToolChoiceKind.Required or ToolChoiceKind.Function => "ANY"u8,
            _ => strict ? "VALIDATED"u8 : "AUTO"u8,
        });
        if (choice is { Kind: ToolChoiceKind.Function, FunctionName: { } name })
        {
            writer.WriteStartArray("allowedFunctionNames"u8);
            writer.WriteStringValue(name);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}

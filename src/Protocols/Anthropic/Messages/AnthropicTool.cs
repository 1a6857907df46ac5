using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>A tool definition of a request.</summary>
internal sealed class AnthropicTool(ToolDefinition tool)
{
    private CompiledSchema? schema;
    private bool isStrict;

    public CacheMark? Cache { get; set; } = tool.Cache;

    /// <summary>Compiles the tool's schema; fails where it is none. Strict calls are checked against the enforced subset; a schema it cannot say goes without.</summary>
    public GatewayError? Prepare(bool strictAllowed, SchemaReport? report)
    {
        if (tool.Parameters is not { ValueKind: JsonValueKind.Object } parameters)
            return null;
        var name = SchemaReport.Tool(tool.Name);
        var strict = strictAllowed && tool.Strict == true ? SchemaCompiler.Compile(parameters, SchemaSubsets.AnthropicEnforced).ReportTo(report, name) : null;
        isStrict = strict is { CanBeSaid: true };
        schema = isStrict ? strict : SchemaCompiler.Compile(parameters, SchemaSubsets.AnthropicInput).ReportTo(report, name);
        return strict?.Error(name);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.Name);
        if (tool.Description is not null)
            writer.WriteString("description"u8, tool.Description);
        writer.WritePropertyName("input_schema"u8);
        if (schema is not null)
            schema.Write(writer);
        else
            writer.WriteParameters(null);
        if (isStrict)
            writer.WriteBoolean("strict"u8, true);
        AnthropicBlock.WriteCache(writer, Cache);
        writer.WriteEndObject();
    }
}

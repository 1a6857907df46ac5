using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>A tool definition of a request.</summary>
internal sealed class AnthropicTool(ToolDefinition tool)
{
    public CacheMark? Cache { get; set; } = tool.Cache;

    public void Write(Utf8JsonWriter writer, bool strictAllowed)
    {
        // Strict calls are checked against the enforced subset; a schema it cannot say goes without.
        var strict = strictAllowed && tool is { Strict: true, Parameters: { } schema } && AnthropicSchemaCheck.CanEnforce(schema);
        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.Name);
        if (tool.Description is not null)
            writer.WriteString("description"u8, tool.Description);
        writer.WritePropertyName("input_schema"u8);
        if (strict)
            AnthropicSchema.WriteEnforced(writer, tool.Parameters!.Value);
        else
            AnthropicInputSchema.Write(writer, tool.Parameters);
        if (strict)
            writer.WriteBoolean("strict"u8, true);
        AnthropicBlock.WriteCache(writer, Cache);
        writer.WriteEndObject();
    }
}

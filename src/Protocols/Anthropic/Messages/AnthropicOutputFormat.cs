using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>How <c>response_format</c> is asked for (providers contract §5.2): enforced, by a forced tool, or in words.</summary>
internal sealed record AnthropicOutputFormat
{
    /// <summary>
    /// The tool whose input is the answer, for generations that cannot enforce a schema. Its call is turned back into text by the readers, which know
    /// it by this name alone.
    /// </summary>
    public const string Tool = "fairlead_json_answer";

    /// <summary>Nothing was asked for.</summary>
    public static AnthropicOutputFormat None { get; } = new();

    /// <summary>The schema goes into <c>output_config.format</c>.</summary>
    public CompiledSchema? Enforced { get; private init; }
    /// <summary>The schema is the input of <see cref="Tool"/>, which the model must call.</summary>
    public JsonElement? AsTool { get; private init; }
    /// <summary>What is said in the system text instead.</summary>
    public string? Instruction { get; private init; }
    /// <summary>What was asked for is no schema.</summary>
    public GatewayError? Error { get; private init; }

    /// <summary>Decides for one request.</summary>
    public static AnthropicOutputFormat For(ResponseFormat? format, AnthropicModel model, bool hasTools, bool thinks, SchemaReport? report)
    {
        switch (format)
        {
            case { Kind: ResponseFormatKind.JsonSchema, Schema: { ValueKind: JsonValueKind.Object } schema }:
                var compiled = model.StructuredOutput ? SchemaCompiler.Compile(schema, SchemaSubsets.AnthropicEnforced).ReportTo(report, SchemaReport.Answer) : null;
                if (compiled?.Error(SchemaReport.Answer) is { } error)
                    return new AnthropicOutputFormat { Error = error };
                if (compiled is { CanBeSaid: true })
                    return new AnthropicOutputFormat { Enforced = compiled };
                report?.AddNotEnforced();
                // A forced call excludes thinking and the caller's own tools.
                if (!hasTools && !thinks && schema.Text("type"u8) == "object")
                    return new AnthropicOutputFormat { AsTool = schema };
                return new AnthropicOutputFormat { Instruction = "Answer with JSON that is valid against this JSON Schema, and with nothing else:\n" + schema.Compact() };
            case { Kind: ResponseFormatKind.JsonSchema or ResponseFormatKind.JsonObject }:
                return new AnthropicOutputFormat { Instruction = "Answer with one valid JSON object and nothing else." };
            default:
                return None; // grammar and python have no counterpart here
        }
    }

    /// <summary>Writes <see cref="AsTool"/>'s definition as the only tool, and the choice of it.</summary>
    public void WriteTool(Utf8JsonWriter writer, ResponseFormat format)
    {
        writer.WriteStartArray("tools"u8);
        writer.WriteStartObject();
        writer.WriteString("name"u8, Tool);
        writer.WriteString("description"u8, "Give your answer by calling this tool. " + format.Description);
        writer.WritePropertyName("input_schema"u8);
        FlatObject.Compile(AsTool!.Value).Write(writer);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, "tool"u8);
        writer.WriteString("name"u8, Tool);
        writer.WriteEndObject();
    }
}

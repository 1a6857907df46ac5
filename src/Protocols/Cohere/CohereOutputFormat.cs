using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Cohere;

/// <summary>How <c>response_format</c> is asked for (providers contract §9): enforced where the format can, in words where it cannot.</summary>
/// <param name="Json">The answer is to be JSON.</param>
/// <param name="Schema">The schema that is enforced; null when none is.</param>
/// <param name="Instruction">What is said in a system message instead, or beside it.</param>
/// <param name="Error">What was asked for is no schema.</param>
internal readonly record struct CohereOutputFormat(bool Json, CompiledSchema? Schema, string? Instruction, GatewayError? Error = null)
{
    /// <summary>Decides for one request. Beside tools nothing can be enforced.</summary>
    public static CohereOutputFormat For(ResponseFormat? format, bool hasTools, SchemaReport? report)
    {
        if (format is not { Kind: ResponseFormatKind.JsonObject or ResponseFormatKind.JsonSchema })
            return default;
        if (format.Schema is not { ValueKind: JsonValueKind.Object } schema)
            return new CohereOutputFormat(!hasTools, null, "Answer with one valid JSON object and nothing else.");
        var compiled = hasTools ? null : SchemaCompiler.Compile(schema, SchemaSubsets.Cohere).ReportTo(report, SchemaReport.Answer);
        if (compiled?.Error(SchemaReport.Answer) is { } error)
            return new CohereOutputFormat(false, null, null, error);
        if (compiled is { CanBeSaid: true })
            return new CohereOutputFormat(true, compiled, null);
        report?.AddNotEnforced();
        return new CohereOutputFormat(
            !hasTools && schema.Text("type"u8) == "object", null, "Answer with JSON that is valid against this JSON Schema, and with nothing else:\n" + schema.Compact());
    }

    public void Write(Utf8JsonWriter writer)
    {
        if (!Json)
            return;
        writer.WriteStartObject("response_format"u8);
        writer.WriteString("type"u8, "json_object"u8);
        if (Schema is not null)
        {
            writer.WritePropertyName("json_schema"u8);
            Schema.Write(writer);
        }

        writer.WriteEndObject();
    }
}

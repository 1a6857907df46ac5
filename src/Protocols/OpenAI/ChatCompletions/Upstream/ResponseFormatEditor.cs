using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Copies <c>response_format</c> or degrades it: a schema becomes <c>json_object</c>, then nothing (I-19, providers §4.2).</summary>
internal static class ResponseFormatEditor
{
    /// <summary>Writes the member as far as the endpoint takes it.</summary>
    public static void Write(ReadOnlySpan<byte> value, RequestContext context, ref JsonOutput output)
    {
        switch (context.Request.ResponseFormat?.Kind)
        {
            case ResponseFormatKind.JsonSchema when context.Supports(ParameterSet.StructuredOutputs):
                if (context.Request.ResponseFormat is { Schema: { } schema } format && context.Quirks.StrictSchemas is not null && (format.Strict == true || context.Quirks.AlwaysStrict))
                    WriteStrict(value, StrictSchema.For(schema, context, SchemaReport.Answer), ref output);
                else
                    output.Member("response_format"u8, value);
                break;
            case ResponseFormatKind.JsonObject when context.Supports(ParameterSet.ResponseFormat):
                output.Member("response_format"u8, value);
                break;
            case ResponseFormatKind.JsonSchema when context.Supports(ParameterSet.ResponseFormat):
                context.Call.Schemas?.AddNotEnforced();
                output.Member("response_format"u8, """{"type":"json_object"}"""u8);
                break;
            case ResponseFormatKind.JsonSchema:
                context.Call.Schemas?.AddNotEnforced();
                break;
        }
    }

    private static void WriteStrict(ReadOnlySpan<byte> value, in StrictSchema strict, ref JsonOutput output)
    {
        if (strict is { Compiled: null, IsStrict: true })
        {
            output.Member("response_format"u8, value);
            return;
        }

        output.Name("response_format"u8);
        output.BeginObject();
        var members = new JsonMembers(value);
        while (members.Next())
        {
            if (!members.Name.SequenceEqual("json_schema"u8))
            {
                output.Member(members.Name, members.Value);
                continue;
            }

            output.Name("json_schema"u8);
            WriteEdited(members.Value, "schema"u8, strict, ref output);
        }

        output.EndObject();
    }

    /// <summary>Writes an object that holds a schema and <c>strict</c>, with both as they can be sent.</summary>
    public static void WriteEdited(ReadOnlySpan<byte> json, ReadOnlySpan<byte> schemaName, in StrictSchema strict, ref JsonOutput output)
    {
        output.BeginObject();
        var members = new JsonMembers(json);
        while (members.Next())
        {
            if (strict.Compiled is { } compiled && members.Name.SequenceEqual(schemaName))
                output.Member(schemaName, compiled.Json.Span);
            else if (!strict.IsStrict && members.Name.SequenceEqual("strict"u8))
                output.Member("strict"u8, "false"u8);
            else
                output.Member(members.Name, members.Value);
        }

        output.EndObject();
    }

    /// <summary>What the system text must say because the schema itself cannot be sent; null when nothing.</summary>
    public static byte[]? Instruction(RequestContext context)
    {
        if (context.Request.ResponseFormat is not { Kind: ResponseFormatKind.JsonSchema, Schema: { } schema }
            || context.Supports(ParameterSet.StructuredOutputs) || !context.Supports(ParameterSet.ResponseFormat))
        {
            return null;
        }
        return Encoding.UTF8.GetBytes("Answer with one JSON object that follows this JSON Schema, and nothing else:\n" + schema.GetRawText());
    }
}

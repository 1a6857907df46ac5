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
            case ResponseFormatKind.JsonObject when context.Supports(ParameterSet.ResponseFormat):
                output.Member("response_format"u8, value);
                break;
            case ResponseFormatKind.JsonSchema when context.Supports(ParameterSet.ResponseFormat):
                output.Member("response_format"u8, """{"type":"json_object"}"""u8);
                break;
        }
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

using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>
/// Requests of callers of this same format: their items, instructions and tools pass as they stand, with all they hold. Only reasoning items are looked into:
/// those of other platforms cannot be read here and are left out, ours lose what the contract added to them.
/// </summary>
internal static class ResponsesForwarding
{
    // The vendor refuses longer ids.
    private const int LongestCallId = 64;

    /// <summary>The caller's bytes say what must be sent. Where they do not, the request is written anew.</summary>
    public static bool Applies(CanonicalRequest request, UpstreamTarget target, UpstreamCall call) =>
        request is { Dialect: ClientDialect.Responses, Original.IsEmpty: false, Content: { Audio: 0, Videos: 0 }, Search: null, ServerTools.Count: 0 } && !call.WithoutSignatures
        // What is held back, asked for in words, or marked in a way the vendor refuses.
        && request.Reasoning is not { Exclude: true }
        && (request.ResponseFormat is null || (target.Supported & ParameterSet.StructuredOutputs) != ParameterSet.None)
        && request.Original.Span.IndexOf("\"cache_control\""u8) < 0
        && (request.Original.Span.IndexOf("\"prompt_cache_breakpoint\""u8) < 0 || RequestContext.MarksOf(HostTable.Of(target), OpenAIModelFamily.Of(target)) == CacheMarks.Breakpoint)
        && !HasLongCallId(request.Original.Span) && HasOnlyFunctions(request.Original.Span);

    /// <summary>Writes <c>instructions</c>, <c>input</c> and <c>tools</c>.</summary>
    public static void Write(Utf8JsonWriter writer, RequestContext context)
    {
        var members = new JsonMembers(context.Request.Original.Span);
        while (members.Next())
        {
            if (members.Kind == JsonTokenType.Null)
                continue;
            if (members.Name.SequenceEqual("tools"u8))
            {
                if (context.SendsTools)
                    WriteTools(writer, context, members.Value);
            }
            else if (members.Name.SequenceEqual("instructions"u8) || (members.Name.SequenceEqual("input"u8) && members.Kind == JsonTokenType.String))
            {
                writer.WritePropertyName(members.Name);
                writer.WriteRawValue(members.Value, skipInputValidation: true);
            }
            else if (members.Name.SequenceEqual("input"u8))
            {
                WriteItems(writer, members.Value, ResponsesReasoningFormat.Of(context.Target));
            }
        }
    }

    /// <summary>As they stand; a caller that says nothing about <c>strict</c> did not mean what it is there when left out.</summary>
    private static void WriteTools(Utf8JsonWriter writer, RequestContext context, ReadOnlySpan<byte> tools)
    {
        writer.WriteStartArray("tools"u8);
        var elements = new JsonElements(tools);
        while (elements.Next())
        {
            var strict = default(StrictSchema);
            var isAsked = JsonMembers.Find(elements.Value, "strict"u8).SequenceEqual("true"u8);
            if (isAsked || context.Quirks.AlwaysStrict)
            {
                strict = StrictSchema.For(JsonMembers.Find(elements.Value, "parameters"u8), context, SchemaReport.Tool(JsonText.ToText(JsonMembers.FindString(elements.Value, "name"u8))));
                strict = strict with { IsStrict = isAsked && strict.IsStrict };
            }

            var isSaid = false;
            writer.WriteStartObject();
            var members = new JsonMembers(elements.Value);
            while (members.Next())
            {
                if (members.Name.SequenceEqual("strict"u8))
                {
                    writer.WriteBoolean("strict"u8, strict.IsStrict);
                    isSaid = true;
                    continue;
                }

                writer.WritePropertyName(members.Name);
                if (strict.Compiled is { } compiled && members.Name.SequenceEqual("parameters"u8))
                    compiled.Write(writer);
                else
                    writer.WriteRawValue(members.Value, skipInputValidation: true);
            }

            if (!isSaid)
                writer.WriteBoolean("strict"u8, false);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteItems(Utf8JsonWriter writer, ReadOnlySpan<byte> items, string format)
    {
        writer.WriteStartArray("input"u8);
        var elements = new JsonElements(items);
        while (elements.Next())
        {
            var type = JsonMembers.FindString(elements.Value, "type"u8);
            if (type.SequenceEqual("reasoning"u8))
            {
                if (IsReadable(elements.Value, format))
                    WriteWithout(writer, elements.Value, "format"u8, "signature"u8);
            }
            else if (type.IsEmpty || type.SequenceEqual("message"u8) || type.SequenceEqual("function_call"u8))
            {
                // Nothing is stored there: an id is looked up, and not found.
                WriteWithout(writer, elements.Value, "id"u8, default);
            }
            else
            {
                writer.WriteRawValue(elements.Value, skipInputValidation: true);
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Encrypted here; an item that does not tell whose it is comes from this format's own clients.</summary>
    private static bool IsReadable(ReadOnlySpan<byte> item, string format)
    {
        var named = JsonMembers.FindString(item, "format"u8);
        return !JsonMembers.FindString(item, "encrypted_content"u8).IsEmpty && (named.IsEmpty || JsonText.ToText(named) == format);
    }

    private static void WriteWithout(Utf8JsonWriter writer, ReadOnlySpan<byte> item, ReadOnlySpan<byte> name, ReadOnlySpan<byte> other)
    {
        writer.WriteStartObject();
        var members = new JsonMembers(item);
        while (members.Next())
        {
            if (members.Name.SequenceEqual(name) || (!other.IsEmpty && members.Name.SequenceEqual(other)))
                continue;
            writer.WritePropertyName(members.Name);
            writer.WriteRawValue(members.Value, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    /// <summary>Whether another tool runs here or there was decided before; it is not the provider's to run because it stands in the bytes.</summary>
    private static bool HasOnlyFunctions(ReadOnlySpan<byte> body)
    {
        var tools = new JsonElements(JsonMembers.Find(body, "tools"u8));
        while (tools.Next())
        {
            if (!JsonMembers.FindString(tools.Value, "type"u8).SequenceEqual("function"u8))
                return false;
        }

        return true;
    }

    private static bool HasLongCallId(ReadOnlySpan<byte> body)
    {
        var items = new JsonElements(JsonMembers.Find(body, "input"u8));
        while (items.Next())
        {
            if (JsonMembers.FindString(items.Value, "call_id"u8).Length > LongestCallId)
                return true;
        }

        return false;
    }
}

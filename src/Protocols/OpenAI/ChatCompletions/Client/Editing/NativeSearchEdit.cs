using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

/// <summary>
/// A request that an endpoint is to search the web for: hosts that speak chat are told by <c>web_search_options</c>, others by what their own format has for it.
/// The function that stands for a search of the gateway's is taken out.
/// </summary>
public static class NativeSearchEdit
{
    /// <summary>The same request, with <paramref name="search"/> and a body that says so.</summary>
    /// <param name="request">The request.</param>
    /// <param name="search">What is asked for.</param>
    /// <param name="isFlat">The host wants the members of the location as they are (Perplexity), not under <c>approximate</c> (OpenAI).</param>
    public static CanonicalRequest Apply(CanonicalRequest request, NativeSearch search, bool isFlat = false)
    {
        var tools = Tools(request.Body.Span, out var hadSearch);
        var isForced = hadSearch && request.ToolChoice?.FunctionName is { } chosen && ServerTools.TypeOfFunction(chosen) == ServerTools.WebSearch;
        var withoutTools = hadSearch && tools.Count == 0;
        var changed = request.WithBody(Write(request.Body.Span, search, isFlat, hadSearch ? tools : null, isForced)) with
        {
            Used = request.Used | ParameterSet.WebSearchOptions,
            Search = isForced ? search with { IsForced = true } : search,
            ServerTools = [],
            // The caller's own format has the tool in it where it was asked for so, and may be forwarded.
            Original = hadSearch || request.Search is not null ? request.Original : default,
        };
        if (isForced)
            changed = changed with { ToolChoice = null };
        return withoutTools ? changed with { ToolChoice = null, ParallelToolCalls = null } : changed;
    }

    private static ReadOnlyMemory<byte> Write(ReadOnlySpan<byte> body, NativeSearch search, bool isFlat, List<byte[]>? tools, bool isForced)
    {
        var output = new ArrayBufferWriter<byte>(body.Length + 256);
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteStartObject("web_search_options"u8);
        var options = new JsonMembers(JsonMembers.Find(body, "web_search_options"u8));
        while (options.Next())
        {
            if (options.Name.SequenceEqual("user_location"u8) || options.Name.SequenceEqual("search_context_size"u8))
                continue;
            writer.WritePropertyName(options.Name);
            writer.WriteRawValue(options.Value, skipInputValidation: true);
        }

        if (search.ContextSize is { } size)
            writer.WriteString("search_context_size"u8, size);
        if (search.Location is { } location)
            WriteLocation(writer, location, isFlat);
        writer.WriteEndObject();

        var members = new JsonMembers(body);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("web_search_options"u8) || (tools is not null && members.Name.SequenceEqual("tools"u8))
                || (isForced && members.Name.SequenceEqual("tool_choice"u8))
                || (tools is { Count: 0 } && (members.Name.SequenceEqual("tool_choice"u8) || members.Name.SequenceEqual("parallel_tool_calls"u8))))
                continue;
            writer.WritePropertyName(members.Name);
            writer.WriteRawValue(members.Value, skipInputValidation: true);
        }

        if (tools is { Count: > 0 })
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in tools)
                writer.WriteRawValue(tool, skipInputValidation: true);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static void WriteLocation(Utf8JsonWriter writer, UserLocation location, bool isFlat)
    {
        writer.WriteStartObject("user_location"u8);
        if (isFlat)
        {
            location.WriteMembers(writer);
        }
        else
        {
            writer.WriteString("type"u8, "approximate"u8);
            writer.WriteStartObject("approximate"u8);
            location.WriteMembers(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>The tools but for the gateway's search.</summary>
    private static List<byte[]> Tools(ReadOnlySpan<byte> body, out bool hadSearch)
    {
        hadSearch = false;
        var others = new List<byte[]>();
        var tools = new JsonElements(JsonMembers.Find(body, "tools"u8));
        while (tools.Next())
        {
            var name = JsonMembers.FindString(JsonMembers.Find(tools.Value, "function"u8), "name"u8);
            if (ServerTools.TypeOfFunction(JsonText.ToText(name)) == ServerTools.WebSearch)
                hadSearch = true;
            else
                others.Add(tools.Value.ToArray());
        }

        return others;
    }
}

using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// The body of a caller of this same format, with what must change changed: the model's name (on clouds what stands for it, <see cref="AnthropicSurface"/>), the cap covered by the hold, the end user's id; members of the
/// gateway's own are left out, and parameters the endpoint or the model's generation does not take. Messages (but for <see cref="SystemTurns"/>), tools, thinking and formats pass as they stand.
/// </summary>
internal static class AnthropicRequestEditor
{
    // Members that pass. What would change the price (speed, inference_geo) or runs elsewhere (mcp_servers, container) does not.
    private static readonly string[] Passed =
    [
        "messages", "system", "stop_sequences", "tools", "tool_choice", "thinking", "output_config", "output_format", "cache_control", "context_management",
    ];

    private static readonly (string Name, ParameterSet Parameter)[] Sampling =
    [
        ("temperature", ParameterSet.Temperature), ("top_p", ParameterSet.TopP), ("top_k", ParameterSet.TopK),
    ];

    public static void Write(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output)
    {
        var model = AnthropicModels.For(target);
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        AnthropicSurface.WriteHead(writer, target, call);
        writer.WriteNumber("max_tokens"u8, AnthropicRequestWriter.MaxTokens(request, target, call, model));
        Copy(request, target, call, model, writer);
        AnthropicRequestWriter.WriteAccount(writer, request, call);
        if (AnthropicModels.IsFast(target))
            writer.WriteString("speed"u8, "fast"u8); // what the caller pays the higher price for
        writer.WriteEndObject();
    }

    private static void Copy(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, AnthropicModel model, Utf8JsonWriter writer)
    {
        var turns = JsonMembers.Find(request.Original.Span, "messages"u8);
        var moves = SystemTurns.MustMove(turns, target, call);
        if (moves)
            SystemTurns.Write(JsonMembers.Find(request.Original.Span, "system"u8), turns, writer);
        var members = new JsonMembers(request.Original.Span);
        while (members.Next())
        {
            if (members.Kind == JsonTokenType.Null || (moves && (members.Name.SequenceEqual("messages"u8) || members.Name.SequenceEqual("system"u8))))
                continue;
            var name = System.Text.Encoding.UTF8.GetString(members.Name);
            var sampling = Array.FindIndex(Sampling, one => one.Name == name);
            var passes = sampling >= 0
                ? model.Sampling != SamplingRule.None && target.Supported.HasFlag(Sampling[sampling].Parameter)
                : (Passed.Contains(name) && AnthropicSurface.Takes(target, name)) || target.Passthrough.Contains(name);
            if (!passes)
                continue;
            writer.WritePropertyName(name);
            if (name == "tools" && request.Search is { } search)
                WriteTools(writer, members.Value, search);
            else
                writer.WriteRawValue(members.Value, skipInputValidation: true);
        }
    }

    /// <summary>The tools with the provider's own search among them, as often as the hold covers.</summary>
    private static void WriteTools(Utf8JsonWriter writer, ReadOnlySpan<byte> tools, NativeSearch search)
    {
        writer.WriteStartArray();
        var elements = new JsonElements(tools);
        while (elements.Next())
        {
            var type = JsonText.ToText(JsonMembers.FindString(elements.Value, "type"u8));
            if (VendorSearch.IsType(type))
                WriteLimited(writer, elements.Value, search.MaxUses);
            else if (ServerTools.TypeOf(type) == ServerTools.WebSearch)
                AnthropicRequestWriter.WriteSearch(writer, search);
            else
                writer.WriteRawValue(elements.Value, skipInputValidation: true);
        }

        writer.WriteEndArray();
    }

    private static void WriteLimited(Utf8JsonWriter writer, ReadOnlySpan<byte> tool, int maxUses)
    {
        writer.WriteStartObject();
        var members = new JsonMembers(tool);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("max_uses"u8))
                continue;
            writer.WritePropertyName(members.Name);
            writer.WriteRawValue(members.Value, skipInputValidation: true);
        }

        writer.WriteNumber("max_uses"u8, maxUses);
        writer.WriteEndObject();
    }
}

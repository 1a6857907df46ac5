using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>Writes the body of <c>POST /messages</c> (providers contract §5.2). What the format or the model generation does not know is left out.</summary>
internal static class AnthropicRequestWriter
{
    public static GatewayError? Write(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output)
    {
        var conversation = request.Conversation;
        if (conversation.Tools.Any(tool => tool.Name == AnthropicOutputFormat.Tool))
            return GatewayError.Invalid($"The tool name {AnthropicOutputFormat.Tool} is reserved: choose another.", "tools");
        var (turns, error) = AnthropicTurns.From(conversation, withThoughts: !call.WithoutSignatures, AnthropicMedia.For(target));
        if (turns is null)
            return error;
        var model = AnthropicModels.For(target);
        var maxTokens = MaxTokens(request, target, call, model);
        (var thinking, error) = AnthropicThinking.For(request, target, model, maxTokens, turns.ToolLoopWithoutThoughts);
        if (thinking is null)
            return error;
        var format = AnthropicOutputFormat.For(request.ResponseFormat, model, conversation.Tools.Count > 0 || turns.CalledFunctions.Count > 0, thinking.Thinks, call.Schemas);
        if (format.Error is not null)
            return format.Error;
        if (format.Instruction is { } instruction)
            turns.System.Add(new TextBlock(instruction));
        var tools = conversation.Tools.Select(tool => new AnthropicTool(tool)).ToList();
        foreach (var tool in tools)
        {
            if (tool.Prepare(model.StructuredOutput, call.Schemas) is { } unusable)
                return unusable;
        }

        var automatic = Mark(request, turns, tools);
        if (automatic is not null && target.Host == CloudHost.Bedrock)
            automatic = turns.MarkEnd(automatic); // no automatic place there: the last block stands for it

        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        AnthropicSurface.WriteHead(writer, target, call);
        writer.WriteNumber("max_tokens"u8, maxTokens);
        AnthropicBlock.WriteCache(writer, automatic);
        WriteSystem(writer, turns.System);
        WriteTurns(writer, turns);
        WriteSampling(writer, request, target, model, thinking.Thinks);
        thinking.Write(writer);
        WriteOutputConfig(writer, format, thinking);
        if (format.AsTool is not null)
            format.WriteTool(writer, request.ResponseFormat!);
        else
            WriteTools(writer, request, turns, tools, thinking.Thinks);
        WriteAccount(writer, request, call);
        if (AnthropicModels.IsFast(target))
            writer.WriteString("speed"u8, "fast"u8); // what the caller pays the higher price for
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    // The vendor has no default: without a wish the most the model can write is allowed.
    public static int MaxTokens(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, AnthropicModel model)
    {
        var wished = request.MaxTokens ?? target.MaxCompletionTokens ?? model.MaxOutput;
        return !call.Stream && call.MaxTokens is { } held ? Math.Min(wished, held) : wished;
    }

    private static CacheMark? Mark(CanonicalRequest request, AnthropicTurns turns, List<AnthropicTool> tools)
    {
        var places = new List<AnthropicBreakpoints.Place>();
        foreach (var tool in tools)
        {
            if (tool.Cache is { } mark)
                places.Add(new(false, mark, m => tool.Cache = m));
        }
        Collect(turns.System, system: true);
        foreach (var turn in turns.Turns)
            Collect(turn.Blocks, system: false);
        return AnthropicBreakpoints.Apply(places, request.Cache);

        void Collect(List<AnthropicBlock> blocks, bool system)
        {
            foreach (var block in blocks)
            {
                if (block.Cache is { } mark)
                    places.Add(new(system, mark, m => block.Cache = m));
            }
        }
    }

    private static void WriteSystem(Utf8JsonWriter writer, List<AnthropicBlock> system)
    {
        switch (system)
        {
            case []:
                return;
            case [TextBlock { Cache: null } only]:
                writer.WriteString("system"u8, only.Text);
                return;
        }
        writer.WriteStartArray("system"u8);
        foreach (var block in system)
            block.Write(writer);
        writer.WriteEndArray();
    }

    private static void WriteTurns(Utf8JsonWriter writer, AnthropicTurns turns)
    {
        writer.WriteStartArray("messages"u8);
        foreach (var turn in turns.Turns)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, turn.Assistant ? "assistant"u8 : "user"u8);
            if (turn.Blocks is [TextBlock { Cache: null } only])
            {
                writer.WriteString("content"u8, only.Text);
            }
            else
            {
                writer.WriteStartArray("content"u8);
                foreach (var block in turn.Blocks)
                    block.Write(writer);
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteSampling(Utf8JsonWriter writer, CanonicalRequest request, UpstreamTarget target, AnthropicModel model, bool thinks)
    {
        var stop = target.Supported.HasFlag(ParameterSet.Stop) ? request.Stop.Where(s => !string.IsNullOrWhiteSpace(s)).ToList() : [];
        if (stop.Count > 0)
        {
            writer.WriteStartArray("stop_sequences"u8);
            foreach (var sequence in stop)
                writer.WriteStringValue(sequence);
            writer.WriteEndArray();
        }
        if (model.Sampling == SamplingRule.None)
            return;
        // Beside thinking only a top_p near 1 is taken.
        var temperature = target.Supported.HasFlag(ParameterSet.Temperature) && !thinks ? request.Temperature : null;
        var topP = target.Supported.HasFlag(ParameterSet.TopP) && (!thinks || request.TopP >= 0.95) ? request.TopP : null;
        if (model.Sampling == SamplingRule.TemperatureOrTopP && temperature is not null)
            topP = null;
        if (temperature is { } t)
            writer.WriteNumber("temperature"u8, Math.Clamp(t, 0, 1));
        if (topP is { } p)
            writer.WriteNumber("top_p"u8, p);
        if (request.TopK is { } k and > 0 && target.Supported.HasFlag(ParameterSet.TopK) && !thinks)
            writer.WriteNumber("top_k"u8, k);
    }

    private static void WriteOutputConfig(Utf8JsonWriter writer, AnthropicOutputFormat format, AnthropicThinking thinking)
    {
        if (format.Enforced is null && thinking.Effort is null)
            return;
        writer.WriteStartObject("output_config"u8);
        if (thinking.Effort is { } effort)
            writer.WriteString("effort"u8, effort);
        if (format.Enforced is { } schema)
        {
            writer.WriteStartObject("format"u8);
            writer.WriteString("type"u8, "json_schema"u8);
            writer.WritePropertyName("schema"u8);
            schema.Write(writer);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter writer, CanonicalRequest request, AnthropicTurns turns, List<AnthropicTool> tools, bool thinks)
    {
        if (tools.Count > 0 || request.Search is not null)
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in tools)
                tool.Write(writer);
            if (request.Search is { } search)
                WriteSearch(writer, search);
            writer.WriteEndArray();
            WriteToolChoice(writer, request, thinks);
        }
        else if (turns.CalledFunctions.Count > 0)
        {
            // A history with calls is refused without definitions; these stand in for the ones the caller left out, and cannot be called.
            writer.WriteStartArray("tools"u8);
            foreach (var name in turns.CalledFunctions)
                new AnthropicTool(new ToolDefinition(name, null, null, null)).Write(writer);
            writer.WriteEndArray();
            writer.WriteStartObject("tool_choice"u8);
            writer.WriteString("type"u8, "none"u8);
            writer.WriteEndObject();
        }
    }

    // The provider's own tool: it runs the searches and cites what it found.
    public static void WriteSearch(Utf8JsonWriter writer, NativeSearch search)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "web_search_20250305"u8);
        writer.WriteString("name"u8, "web_search"u8);
        writer.WriteNumber("max_uses"u8, search.MaxUses);
        // Either list, never both (providers §5.2).
        if (search.IncludeDomains.Count > 0)
            writer.WriteTexts("allowed_domains"u8, search.IncludeDomains);
        else if (search.ExcludeDomains.Count > 0)
            writer.WriteTexts("blocked_domains"u8, search.ExcludeDomains);
        search.Location?.Write(writer);
        writer.WriteEndObject();
    }

    private static void WriteToolChoice(Utf8JsonWriter writer, CanonicalRequest request, bool thinks)
    {
        var single = request.ParallelToolCalls == false;
        var choice = request.Search is { IsForced: true } ? new ToolChoice(ToolChoiceKind.Function, "web_search") : request.ToolChoice;
        if (thinks && choice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Function })
            choice = new ToolChoice(ToolChoiceKind.Auto, null); // forcing a call is refused while thinking
        if (choice is null && !single)
            return;
        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, choice?.Kind switch
        {
            ToolChoiceKind.None => "none"u8,
            ToolChoiceKind.Required => "any"u8,
            ToolChoiceKind.Function => "tool"u8,
            _ => "auto"u8,
        });
        if (choice is { Kind: ToolChoiceKind.Function, FunctionName: { } name })
            writer.WriteString("name"u8, name);
        if (single && choice?.Kind != ToolChoiceKind.None)
            writer.WriteBoolean("disable_parallel_tool_use"u8, true);
        writer.WriteEndObject();
    }

    public static void WriteAccount(Utf8JsonWriter writer, CanonicalRequest request, UpstreamCall call)
    {
        if (call.UserHash is { } user)
        {
            writer.WriteStartObject("metadata"u8);
            writer.WriteString("user_id"u8, user);
            writer.WriteEndObject();
        }
        if (request.ServiceTier is "auto" or "standard_only")
            writer.WriteString("service_tier"u8, request.ServiceTier);
        else if (request.ServiceTier is "default" or "standard")
            writer.WriteString("service_tier"u8, "standard_only"u8);
    }
}

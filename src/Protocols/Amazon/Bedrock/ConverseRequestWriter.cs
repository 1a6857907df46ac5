using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Json.Schemas;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>Writes the body of Converse (providers contract §7.2). What the format or the family does not know is left out.</summary>
internal static class ConverseRequestWriter
{
    public static GatewayError? Write(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output)
    {
        var conversation = request.Conversation;
        // Thoughts of other families mean nothing here, and those of these models come without a signature to prove them.
        var model = ConverseModels.For(target);
        var (turns, error) = AnthropicTurns.From(conversation, withThoughts: false, ConverseMedia.ToBlock, model.NineCharacterToolIds);
        if (turns is null)
            return error;
        if (InWords(request.ResponseFormat) is { } instruction)
            turns.System.Add(new TextBlock(instruction));
        if (request.ResponseFormat is { Schema: not null })
            call.Schemas?.AddNotEnforced();

        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        if (turns.System.Count > 0)
        {
            writer.WriteStartArray("system"u8);
            foreach (var block in turns.System)
                ConverseBlocks.Write(writer, block, model);
            writer.WriteEndArray();
        }

        writer.WriteStartArray("messages"u8);
        foreach (var turn in turns.Turns)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, turn.Assistant ? "assistant"u8 : "user"u8);
            writer.WriteStartArray("content"u8);
            foreach (var block in turn.Blocks)
                ConverseBlocks.Write(writer, block, model);
            // A document alone is refused.
            if (turn.Blocks.Any(b => b is MediaBlock { Type: "document" }) && !turn.Blocks.Any(b => b is TextBlock))
                ConverseBlocks.Write(writer, new TextBlock("See the document."), model);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteSampling(writer, request, target, call);
        WriteTools(writer, request, turns, model, call.Schemas);
        WriteFamilyFields(writer, request, target, model);
        // What the endpoint's prices are for, whatever was asked.
        if ((target.ServiceTier ?? (request.ServiceTier == "default" ? "default" : null)) is { } tier)
        {
            writer.WriteStartObject("serviceTier"u8);
            writer.WriteString("type"u8, tier);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        return null;
    }

    // Enforced schemas exist for few models and are not said to exist by the listing: the model is told.
    private static string? InWords(ResponseFormat? format) => format switch
    {
        { Kind: ResponseFormatKind.JsonSchema, Schema: { ValueKind: JsonValueKind.Object } schema } =>
            "Answer with JSON that is valid against this JSON Schema, and with nothing else:\n" + schema.Compact(),
        { Kind: ResponseFormatKind.JsonSchema or ResponseFormatKind.JsonObject } => "Answer with one valid JSON object and nothing else.",
        _ => null,
    };

    private static void WriteSampling(Utf8JsonWriter writer, CanonicalRequest request, UpstreamTarget target, UpstreamCall call)
    {
        bool Takes(ParameterSet parameter) => target.Supported.HasFlag(parameter);
        var maxTokens = call.Cap(request);
        var temperature = Takes(ParameterSet.Temperature) ? request.Temperature : null;
        var topP = Takes(ParameterSet.TopP) ? request.TopP : null;
        var stop = Takes(ParameterSet.Stop) ? request.Stop.Where(s => !string.IsNullOrWhiteSpace(s)).ToList() : [];
        if (maxTokens is null && temperature is null && topP is null && stop.Count == 0)
            return;
        writer.WriteStartObject("inferenceConfig"u8);
        if (maxTokens is { } max)
            writer.WriteNumber("maxTokens"u8, max);
        if (temperature is { } t)
            writer.WriteNumber("temperature"u8, Math.Clamp(t, 0, 1));
        if (topP is { } p)
            writer.WriteNumber("topP"u8, p);
        if (stop.Count > 0)
        {
            writer.WriteStartArray("stopSequences"u8);
            foreach (var sequence in stop)
                writer.WriteStringValue(sequence);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter writer, CanonicalRequest request, AnthropicTurns turns, ConverseModel model, SchemaReport? report)
    {
        var tools = request.Conversation.Tools;
        // There is no "none": without a history that needs them the definitions are left out instead.
        if (request.ToolChoice is { Kind: ToolChoiceKind.None } && turns.CalledFunctions.Count == 0)
            tools = [];
        // A history with calls is refused without definitions; these stand in for the ones the caller left out.
        if (tools.Count == 0)
            tools = [.. turns.CalledFunctions.Select(name => new ToolDefinition(name, null, null, null))];
        if (tools.Count == 0)
            return;
        writer.WriteStartObject("toolConfig"u8);
        writer.WriteStartArray("tools"u8);
        foreach (var tool in tools)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("toolSpec"u8);
            writer.WriteString("name"u8, tool.Name);
            if (!string.IsNullOrWhiteSpace(tool.Description))
                writer.WriteString("description"u8, tool.Description);
            writer.WriteStartObject("inputSchema"u8);
            writer.WritePropertyName("json"u8);
            if (tool.Parameters is { ValueKind: JsonValueKind.Object } parameters)
                SchemaCompiler.Compile(parameters, SchemaSubsets.AnthropicInput).ReportTo(report, SchemaReport.Tool(tool.Name)).Write(writer);
            else
                writer.WriteParameters(null);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            ConverseBlocks.WriteCachePoint(writer, tool.Cache, model);
        }

        writer.WriteEndArray();
        WriteToolChoice(writer, request.ToolChoice, model);
        writer.WriteEndObject();
    }

    private static void WriteToolChoice(Utf8JsonWriter writer, ToolChoice? choice, ConverseModel model)
    {
        if (!model.Choice || choice is not { Kind: ToolChoiceKind.Required or ToolChoiceKind.Function })
            return;
        writer.WriteStartObject("toolChoice"u8);
        writer.WriteStartObject(choice.Kind == ToolChoiceKind.Required ? "any"u8 : "tool"u8);
        if (choice.Kind == ToolChoiceKind.Function)
            writer.WriteString("name"u8, choice.FunctionName);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteFamilyFields(Utf8JsonWriter writer, CanonicalRequest request, UpstreamTarget target, ConverseModel model)
    {
        var nova = target.Model.Contains("amazon.nova", StringComparison.Ordinal);
        var topK = nova && target.Supported.HasFlag(ParameterSet.TopK) && request.TopK is > 0 ? request.TopK : null;
        var effort = model.Reasoning != ConverseReasoning.None && ReasoningEffort.IsOn(request.Reasoning)
            ? ReasoningEffort.Nearest(
                request.Reasoning!.Effort ?? (request.Reasoning.MaxTokens is { } budget
                    ? ReasoningEffort.FromBudget(budget, request.MaxTokens ?? target.MaxCompletionTokens ?? budget * 2)
                    : "medium"),
                ["low", "medium", "high"])
            : null;
        if (topK is null && effort is null)
            return;
        writer.WriteStartObject("additionalModelRequestFields"u8);
        if (topK is { } k)
        {
            writer.WriteStartObject("inferenceConfig"u8);
            writer.WriteNumber("topK"u8, k);
            writer.WriteEndObject();
        }

        if (effort is not null && model.Reasoning == ConverseReasoning.Effort)
        {
            writer.WriteString("reasoning_effort"u8, effort);
        }
        else if (effort is not null)
        {
            writer.WriteStartObject("reasoningConfig"u8);
            writer.WriteString("type"u8, "enabled"u8);
            writer.WriteString("maxReasoningEffort"u8, effort);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}

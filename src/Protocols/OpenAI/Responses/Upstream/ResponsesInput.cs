using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>
/// A conversation as <c>input</c> (providers contract §3.2): messages, calls and results are items of one list, and the reasoning of a step stands before what
/// it led to. Only reasoning items have ids: those of others mean nothing where nothing is stored.
/// </summary>
internal sealed class ResponsesInput(RequestContext context)
{
    // The vendor refuses longer ids.
    private const int LongestCallId = 64;

    private readonly string format = ResponsesReasoningFormat.Of(context.Target);

    /// <summary>Writes the member, or says why it cannot be; what was written is then of no use.</summary>
    public GatewayError? Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("input"u8);
        if (ResponseFormatEditor.Instruction(context) is { } instruction)
            WriteMessage(writer, Role.System, Encoding.UTF8.GetString(instruction));
        var messages = context.Request.Conversation.Messages;
        for (var i = 0; i < messages.Count; i++)
        {
            if (WriteMessage(writer, messages[i]) is { } error)
                return error with { Param = error.Param ?? $"messages[{i}]" };
        }

        writer.WriteEndArray();
        return null;
    }

    private GatewayError? WriteMessage(Utf8JsonWriter writer, Message message)
    {
        switch (message.Role)
        {
            case Role.Assistant:
                return WriteAssistant(writer, message);
            case Role.Tool:
                writer.WriteStartObject();
                writer.WriteString("type"u8, ResponsesItemTypes.FunctionCallOutput);
                writer.WriteString("call_id"u8, CallId(message.ToolCallId ?? ""));
                var unsayable = ResponsesContent.Write(writer, "output"u8, message.Parts, null, context.CacheMarks);
                writer.WriteEndObject();
                return unsayable;
            default:
                writer.WriteStartObject();
                writer.WriteString("role"u8, RoleName(message.Role));
                var error = ResponsesContent.Write(writer, "content"u8, message.Parts, message.Name is { Length: > 0 } name ? name + ": " : null, context.CacheMarks);
                writer.WriteEndObject();
                return error;
        }
    }

    private void WriteMessage(Utf8JsonWriter writer, Role role, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, RoleName(role));
        writer.WriteString("content"u8, text);
        writer.WriteEndObject();
    }

    private GatewayError? WriteAssistant(Utf8JsonWriter writer, Message message)
    {
        var says = message.Parts.Any(part => part is TextPart { Text.Length: > 0 }) || !string.IsNullOrEmpty(message.Refusal);
        // Reasoning without the item it led to is refused.
        if ((says || message.ToolCalls.Count > 0) && !context.Call.WithoutSignatures)
            ResponsesReplay.Write(writer, message, format);
        if (says)
            WriteSaid(writer, message);
        foreach (var call in message.ToolCalls)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, ResponsesItemTypes.FunctionCall);
            writer.WriteString("call_id"u8, CallId(call.Id));
            writer.WriteString("name"u8, call.Name);
            writer.WriteString("arguments"u8, string.IsNullOrWhiteSpace(call.Arguments) ? "{}" : call.Arguments);
            writer.WriteEndObject();
        }

        // Only users show pictures and files here.
        var shown = message.Parts.Where(part => part is not TextPart).ToList();
        if (shown.Count == 0)
            return null;
        writer.WriteStartObject();
        writer.WriteString("role"u8, RoleName(Role.User));
        var error = ResponsesContent.Write(writer, "content"u8, shown, null, context.CacheMarks);
        writer.WriteEndObject();
        return error;
    }

    private static void WriteSaid(Utf8JsonWriter writer, Message message)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesItemTypes.Message);
        writer.WriteString("role"u8, RoleNames.Assistant);
        writer.WriteStartArray("content"u8);
        foreach (var text in message.Parts.OfType<TextPart>().Where(part => part.Text.Length > 0))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, ResponsesItemTypes.OutputText);
            writer.WriteString("text"u8, text.Text);
            writer.WriteEndObject();
        }

        if (!string.IsNullOrEmpty(message.Refusal))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, ResponsesItemTypes.Refusal);
            writer.WriteString("refusal"u8, message.Refusal);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private string RoleName(Role role) => role switch
    {
        Role.User => RoleNames.User,
        Role.Developer when context.Quirks.DeveloperRole => RoleNames.Developer,
        _ => context.Quirks.DeveloperRole && context.Family.IsReasoning ? RoleNames.Developer : RoleNames.System,
    };

    // Drawn from the id alone: call and result meet again without a table.
    private static string CallId(string id) => id.Length <= LongestCallId ? id : CallIds.Make(id);

    private static class RoleNames
    {
        public const string Assistant = "assistant";
        public const string Developer = "developer";
        public const string System = "system";
        public const string User = "user";
    }
}

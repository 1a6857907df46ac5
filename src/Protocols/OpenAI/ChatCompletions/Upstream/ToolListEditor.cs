using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Copies tool definitions and says how the model must treat them (inference §3.4, §3.5, I-08, I-09; providers §4.2).</summary>
internal static class ToolListEditor
{
    /// <summary>Writes <c>tools</c> and <c>tool_choice</c>. <paramref name="bare"/>: the list is the older <c>functions</c>.</summary>
    public static void Write(ReadOnlySpan<byte> tools, bool bare, RequestContext context, ref JsonOutput output)
    {
        output.Name("tools"u8);
        output.BeginArray();
        var elements = new JsonElements(tools);
        var keepsMarks = context.Quirks.CacheControl;
        while (elements.Next())
        {
            output.BeginObject();
            if (bare)
            {
                output.Member("type"u8, "\"function\""u8);
                WriteFunction(elements.Value, context, ref output);
            }
            else
            {
                var members = new JsonMembers(elements.Value);
                while (members.Next())
                {
                    if (members.Name.SequenceEqual("function"u8))
                        WriteFunction(members.Value, context, ref output);
                    else if (keepsMarks || !members.Name.SequenceEqual("cache_control"u8))
                        output.Member(members.Name, members.Value);
                }
            }
            output.EndObject();
        }
        output.EndArray();
        if (context.Request.ToolChoice is { } choice)
            WriteChoice(choice, context, ref output);
    }

    // Found as bytes: a schema that merely mentions the word is copied member by member, without effect.
    private static bool NeedsEdit(ReadOnlySpan<byte> function, HostQuirks quirks) =>
        function is [(byte)'{', ..] && (quirks.WantsToolParameters || (!quirks.CacheControl && function.IndexOf("\"cache_control\""u8) >= 0));

    private static void WriteFunction(ReadOnlySpan<byte> function, RequestContext context, ref JsonOutput output)
    {
        if (!NeedsEdit(function, context.Quirks))
        {
            WriteStrict(function, context, ref output);
            return;
        }

        var edited = new PooledBuffer();
        WriteEdited(function, context.Quirks, edited);
        WriteStrict(edited.Written, context, ref output);
        edited.Release();
    }

    /// <summary>The function without marks, and with parameters, as the host wants it.</summary>
    private static void WriteEdited(ReadOnlySpan<byte> function, HostQuirks quirks, PooledBuffer target)
    {
        var output = new JsonOutput(target);
        output.BeginObject();
        var hasParameters = false;
        var members = new JsonMembers(function);
        while (members.Next())
        {
            if (!quirks.CacheControl && members.Name.SequenceEqual("cache_control"u8))
                continue;
            hasParameters |= members.Name.SequenceEqual("parameters"u8);
            output.Member(members.Name, members.Value);
        }

        if (!hasParameters && quirks.WantsToolParameters)
            output.Member("parameters"u8, """{"type":"object","properties":{}}"""u8);
        output.EndObject();
        output.Flush();
    }

    // A word that is nowhere is found to be so faster than members are read.
    private static bool IsStrict(ReadOnlySpan<byte> function) => function.IndexOf("\"strict\""u8) >= 0 && JsonMembers.Find(function, "strict"u8).SequenceEqual("true"u8);

    private static void WriteStrict(ReadOnlySpan<byte> function, RequestContext context, ref JsonOutput output)
    {
        if (context.Quirks.StrictSchemas is not null && (context.Quirks.AlwaysStrict || IsStrict(function)) && JsonMembers.Find(function, "parameters"u8) is [(byte)'{', ..] parameters)
        {
            var strict = StrictSchema.For(parameters, context, SchemaReport.Tool(JsonText.ToText(JsonMembers.FindString(function, "name"u8))));
            if (strict is not { Compiled: null, IsStrict: true })
            {
                output.Name("function"u8);
                ResponseFormatEditor.WriteEdited(function, "parameters"u8, strict, ref output);
                return;
            }
        }

        output.Member("function"u8, function);
    }

    /// <summary>
    /// The choice as the endpoint takes it; null: nothing is said. Routing prefers endpoints that take the form (I-18); what reaches one that does not is
    /// brought as near as it goes (§4.2).
    /// </summary>
    public static ToolChoiceKind? Taken(ToolChoice choice, RequestContext context)
    {
        var target = context.Target;
        if (!context.Supports(ParameterSet.ToolChoice))
            return null;
        var kind = choice.Kind;
        if (kind == ToolChoiceKind.Function && !target.ToolChoiceFunction)
            kind = context.Request.Content.Tools == 1 ? ToolChoiceKind.Required : ToolChoiceKind.Auto;
        if (kind == ToolChoiceKind.Required && !target.ToolChoiceRequired)
            kind = ToolChoiceKind.Auto;
        return kind == ToolChoiceKind.Auto && !target.ToolChoiceAuto ? null : kind;
    }

    private static void WriteChoice(ToolChoice choice, RequestContext context, ref JsonOutput output)
    {
        if (Taken(choice, context) is not { } kind)
            return;
        output.Name("tool_choice"u8);
        switch (kind)
        {
            case ToolChoiceKind.Function:
                output.BeginObject();
                output.Member("type"u8, "\"function\""u8);
                output.Name("function"u8);
                output.BeginObject();
                output.Name("name"u8);
                output.String(choice.FunctionName ?? "");
                output.EndObject();
                output.EndObject();
                break;
            case ToolChoiceKind.Required:
                output.String(Encoding.UTF8.GetBytes(context.Quirks.ToolChoiceRequired));
                break;
            case ToolChoiceKind.None:
                output.Raw("\"none\""u8);
                break;
            default:
                output.Raw("\"auto\""u8);
                break;
        }
    }
}

using System.Buffers.Text;
using System.Text.Json;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Writes <c>tool_calls</c> as the contract wants them, whatever the host sent (providers §2.4): numbered from 0, with ids, arguments as a string.</summary>
internal static class ToolCallEditor
{
    /// <summary>
    /// Writes the member for the calls of one delta or message. In a whole message every call is complete; in a delta each is a fragment.
    /// </summary>
    public static void Write(scoped in MessageParts parts, ChoiceState state, bool whole, OutputMeter? meter, ref JsonOutput output, ref CopiedText copied)
    {
        output.Name("tool_calls"u8);
        output.BeginArray();
        var calls = new JsonElements(parts.ToolCalls.IsEmpty ? "[]"u8 : parts.ToolCalls);
        while (calls.Next())
        {
            if (calls.Value[0] == (byte)'{')
                WriteOne(Fragment.Read(calls.Value), calls.Value, state, whole, meter, ref output, ref copied);
        }
        if (parts.FunctionCall is [(byte)'{', ..])
            WriteOne(Fragment.ReadFunction(parts.FunctionCall), default, state, whole, meter, ref output, ref copied);
        output.EndArray();
    }

    /// <summary>Calls whose arguments never came get <c>{}</c> before the answer finishes.</summary>
    public static void WriteMissingArguments(ToolCallTable calls, ref JsonOutput output)
    {
        output.Name("tool_calls"u8);
        output.BeginArray();
        for (var number = 0; number < calls.Count; number++)
        {
            if (calls[number].HasArguments)
                continue;
            calls[number].HasArguments = true;
            output.BeginObject();
            output.Name("index"u8);
            output.Number(number);
            output.Name("function"u8);
            output.Raw("""{"arguments":"{}"}"""u8);
            output.EndObject();
        }
        output.EndArray();
    }

    /// <summary>There is a call without arguments.</summary>
    public static bool MissesArguments(ToolCallTable calls)
    {
        for (var number = 0; number < calls.Count; number++)
        {
            if (!calls[number].HasArguments)
                return true;
        }
        return false;
    }

    private static void WriteOne(
        scoped in Fragment fragment, ReadOnlySpan<byte> json, ChoiceState state, bool whole, OutputMeter? meter, ref JsonOutput output, ref CopiedText copied)
    {
        // A whole message lists complete calls: an index there is decoration, and two calls never are one.
        var number = state.Calls.Resolve(whole ? state.Calls.Count : fragment.Index, fragment.Id, !fragment.Name.IsEmpty, out var opened);
        var call = state.Calls[number];
        output.BeginObject();
        output.Name("index"u8);
        output.Number(number);
        if (opened)
        {
            output.Name("id"u8);
            output.OpenString();
            output.Escaped(System.Text.Encoding.UTF8.GetBytes(call.Id));
            output.CloseString();
            output.Name("type"u8);
            output.Raw("\"function\""u8);
        }
        output.Name("function"u8);
        output.BeginObject();
        if (opened)
        {
            output.Name("name"u8);
            output.OpenString();
            output.Escaped(fragment.Name);
            output.CloseString();
            meter?.Add(fragment.Name);
            call.Kept?.SetName(fragment.Name);
        }
        WriteArguments(fragment.Arguments, call, whole, meter, ref output, ref copied);
        Fragment.CopyOthers(fragment.Function, function: true, ref output);
        output.EndObject();
        Fragment.CopyOthers(json, function: false, ref output);
        output.EndObject();
    }

    private static void WriteArguments(
        ReadOnlySpan<byte> value, ToolCallTable.Call call, bool whole, OutputMeter? meter, ref JsonOutput output, ref CopiedText copied)
    {
        output.Name("arguments"u8);
        output.OpenString();
        var inside = value is [(byte)'"', .. var text, (byte)'"'] ? text : default;
        if (!inside.IsEmpty && (call.HasArguments || !inside.SequenceEqual("null"u8)))
        {
            if (call.HasArguments)
                copied.Add(inside, output.Length);
            copied.Kept = call.Kept;
            call.Kept?.AddEscaped(inside);
            output.Escaped(inside);
            MeterText.Add(meter, new TextPiece(inside, escaped: true));
            call.HasArguments = true;
        }
        else if (value is [(byte)'{' or (byte)'[', ..])
        {
            output.Text(value);
            meter?.Add(value);
            call.Kept?.AddText(value);
            call.HasArguments = true;
        }
        else if (whole)
        {
            output.Escaped("{}"u8);
            call.HasArguments = true;
        }
        output.CloseString();
    }

    private ref struct Fragment
    {
        public long Index;
        public ReadOnlySpan<byte> Id;
        public ReadOnlySpan<byte> Function;
        public ReadOnlySpan<byte> Name;
        public ReadOnlySpan<byte> Arguments;

        public static Fragment Read(ReadOnlySpan<byte> json)
        {
            var index = -1L;
            ReadOnlySpan<byte> id = default, function = default;
            var members = new JsonMembers(json);
            while (members.Next())
            {
                if (members.Name.SequenceEqual("index"u8) && members.Kind == JsonTokenType.Number && Utf8Parser.TryParse(members.Value, out long number, out _))
                    index = Math.Max(number, -1);
                else if (members.Name.SequenceEqual("id"u8) && members.Kind == JsonTokenType.String)
                    id = members.Inside;
                else if (members.Name.SequenceEqual("function"u8) && members.Kind == JsonTokenType.StartObject)
                    function = members.Value;
            }
            var fragment = ReadFunction(function);
            fragment.Index = index;
            fragment.Id = id;
            return fragment;
        }

        public static Fragment ReadFunction(ReadOnlySpan<byte> function)
        {
            var fragment = new Fragment { Index = -1, Function = function };
            if (function.IsEmpty)
                return fragment;
            var members = new JsonMembers(function);
            while (members.Next())
            {
                if (members.Name.SequenceEqual("name"u8) && members.Kind == JsonTokenType.String)
                    fragment.Name = members.Inside;
                else if (members.Name.SequenceEqual("arguments"u8))
                    fragment.Arguments = members.Value;
            }
            return fragment;
        }

        public static void CopyOthers(ReadOnlySpan<byte> json, bool function, ref JsonOutput output)
        {
            if (json.IsEmpty)
                return;
            var members = new JsonMembers(json);
            while (members.Next())
            {
                var name = members.Name;
                var known = function
                    ? name.SequenceEqual("name"u8) || name.SequenceEqual("arguments"u8)
                    : name.SequenceEqual("index"u8) || name.SequenceEqual("id"u8) || name.SequenceEqual("type"u8) || name.SequenceEqual("function"u8);
                if (!known)
                    output.Member(name, members.Value);
            }
        }
    }
}

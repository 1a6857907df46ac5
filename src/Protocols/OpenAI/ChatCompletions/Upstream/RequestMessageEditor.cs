using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Copies one message of a request, changing what the host wants otherwise: roles, names, tool-call ids, reasoning sent back, cache marks (inference
/// §3.3, §7.4; providers §2.5, §3.1, §4.3). Members we do not know are kept (architecture §1).
/// </summary>
internal sealed class RequestMessageEditor(RequestContext context)
{
    private readonly HostQuirks quirks = context.Quirks;

    public void Write(ReadOnlySpan<byte> message, in MessagePlace place, ref JsonOutput output)
    {
        var parts = Parts.Read(message);
        if (!NeedsEdit(parts, place))
        {
            output.Raw(message);
            return;
        }
        output.BeginObject();
        output.Name("role"u8);
        output.Raw(Role(parts.Role));
        var prefix = quirks.MessageNames || parts.Is("tool"u8) ? default : parts.Name;
        var members = new JsonMembers(message);
        while (members.Next())
            WriteMember(members.Name, members.Value, members.Kind, parts, prefix, place, ref output);
        if (!parts.HasContent && Refused(parts) is { IsEmpty: false } refused)
            output.Member("content"u8, refused);
        else if (!parts.HasContent && place.Instruction is { } lone)
        {
            output.Name("content"u8);
            output.String(lone);
        }
        WriteReasoning(parts, place, ref output);
        if (place.IsLast && quirks.MarksPrefill && parts.Is("assistant"u8) && !parts.HasPrefixMember)
            output.Member("prefix"u8, "true"u8);
        output.EndObject();
    }

    private bool NeedsEdit(in Parts parts, in MessagePlace place) =>
        place.Instruction is not null
        || !Role(parts.Role)[1..^1].SequenceEqual(parts.Role)
        || parts.HasOurs
        || parts.HasErrorMark
        || !Refused(parts).IsEmpty
        || (!parts.Name.IsEmpty && !quirks.MessageNames && !parts.Is("tool"u8))
        || (parts.HasCacheMark && (parts.HasBreakpoint || !quirks.CacheControl))
        || parts.HasPartsToChange
        || ((quirks.DocumentParts || !quirks.KnowsRefusals) && parts.HasParts)
        || (parts.HasToolIds && (quirks.NineCharacterToolIds || quirks.LongestToolId is not null))
        || (place.IsLast && quirks.MarksPrefill && parts.Is("assistant"u8));

    private void WriteMember(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, JsonTokenType kind, in Parts parts, ReadOnlySpan<byte> prefix, in MessagePlace place,
        ref JsonOutput output)
    {
        var isAssistant = parts.Is("assistant"u8);
        if (name.SequenceEqual("role"u8) || (name.SequenceEqual("refusal"u8) && !Refused(parts).IsEmpty))
            return;
        if (name.SequenceEqual("content"u8) && !parts.HasContent && !Refused(parts).IsEmpty)
            return;
        if (name.SequenceEqual("content"u8))
        {
            output.Name("content"u8);
            RequestContentEditor.Write(value, prefix, place.Instruction, quirks, context.CacheMarks, ref output);
        }
        else if (name.SequenceEqual("name"u8))
        {
            if (prefix.IsEmpty && kind == JsonTokenType.String)
                output.Member(name, value);
        }
        else if (name.SequenceEqual("tool_call_id"u8) && kind == JsonTokenType.String)
        {
            output.Name(name);
            WriteToolId(value, ref output);
        }
        else if (isAssistant && name.SequenceEqual("tool_calls"u8))
        {
            if (value.Length > 2 && kind == JsonTokenType.StartArray)
                WriteToolCalls(value, ref output);
        }
        else if (isAssistant && name.SequenceEqual("images"u8) && kind == JsonTokenType.StartArray && context.KeepsImages)
        {
            output.Member(name, value);
        }
        else if (isAssistant && IsOurs(name, kind))
        {
            // Reasoning is written by its own rule; the rest says how an answer of ours looked and means nothing to a host.
        }
        else if (IsErrorMark(name) && parts.Is("tool"u8))
        {
            // Anthropic's word, which these hosts do not have: the content says what went wrong.
        }
        else if (!name.SequenceEqual("prompt_cache_breakpoint"u8) && (quirks.CacheControl || !name.SequenceEqual("cache_control"u8)))
        {
            output.Member(name, value);
        }
    }

    /// <summary>What the message refused with, as JSON, where the host has no member for it; else empty.</summary>
    private ReadOnlySpan<byte> Refused(in Parts parts) => quirks.KnowsRefusals || !parts.Is("assistant"u8) ? default : parts.Refusal;

    private static bool IsErrorMark(ReadOnlySpan<byte> name) => name.SequenceEqual("is_error"u8);

    private static bool IsOurs(ReadOnlySpan<byte> name, JsonTokenType kind) =>
        name.SequenceEqual("reasoning"u8) || name.SequenceEqual("reasoning_content"u8) || name.SequenceEqual("reasoning_details"u8)
        || name.SequenceEqual("annotations"u8) || name.SequenceEqual("images"u8) || name.SequenceEqual("model"u8)
        || (kind == JsonTokenType.Null && (name.SequenceEqual("refusal"u8) || name.SequenceEqual("audio"u8) || name.SequenceEqual("function_call"u8)));

    // I-39: only where the host has a place for plain reasoning, and only in the turn that is still open, which is where it is needed.
    private void WriteReasoning(in Parts parts, in MessagePlace place, ref JsonOutput output)
    {
        if (quirks.ReasoningBack == ReasoningBack.Drop || !place.InToolLoop || !parts.Is("assistant"u8))
            return;
        var text = new PooledBuffer();
        ReasoningReplayText.Join(parts.ReasoningDetails, parts.Reasoning, text);
        if (!text.Written.IsEmpty)
        {
            output.Name(quirks.ReasoningBack == ReasoningBack.Reasoning ? "reasoning"u8 : "reasoning_content"u8);
            output.String(text.Written);
        }
        text.Release();
    }

    private void WriteToolCalls(ReadOnlySpan<byte> calls, ref JsonOutput output)
    {
        output.Name("tool_calls"u8);
        output.BeginArray();
        var elements = new JsonElements(calls);
        while (elements.Next())
        {
            output.BeginObject();
            var members = new JsonMembers(elements.Value);
            while (members.Next())
            {
                if (members.Name.SequenceEqual("id"u8) && members.Kind == JsonTokenType.String)
                {
                    output.Name("id"u8);
                    WriteToolId(members.Value, ref output);
                }
                else if (!(quirks.RefusesUnknown && members.Name.SequenceEqual("index"u8)))
                {
                    output.Member(members.Name, members.Value);
                }
            }
            output.EndObject();
        }
        output.EndArray();
    }

    // Derived from the id alone: call and result meet again without a table.
    internal void WriteToolId(ReadOnlySpan<byte> quoted, ref JsonOutput output)
    {
        var id = quoted[1..^1];
        var length = quirks.NineCharacterToolIds ? (CallIds.IsNine(id) ? 0 : 9) : id.Length > quirks.LongestToolId ? 24 : 0;
        if (length == 0)
        {
            output.Raw(quoted);
            return;
        }
        Span<byte> made = stackalloc byte[length];
        CallIds.Draw(id, made);
        output.String(made);
    }

    private ReadOnlySpan<byte> Role(ReadOnlySpan<byte> role)
    {
        if (role.SequenceEqual("developer"u8) || role.SequenceEqual("system"u8))
        {
            if (context.Family.TakesNoSystem)
                return "\"user\""u8;
            return quirks.DeveloperRole && context.Family.IsReasoning ? "\"developer\""u8
                : quirks.DeveloperRole && role.SequenceEqual("developer"u8) ? "\"developer\""u8 : "\"system\""u8;
        }
        return role.SequenceEqual("user"u8) ? "\"user\""u8 : role.SequenceEqual("tool"u8) ? "\"tool\""u8 : "\"assistant\""u8;
    }

    private ref struct Parts
    {
        public ReadOnlySpan<byte> Role;
        /// <summary>The inside of <c>name</c>.</summary>
        public ReadOnlySpan<byte> Name;
        /// <summary>The inside of <c>reasoning</c> or <c>reasoning_content</c>.</summary>
        public ReadOnlySpan<byte> Reasoning;
        public ReadOnlySpan<byte> ReasoningDetails;
        /// <summary><c>refusal</c> as JSON, where it is a text.</summary>
        public ReadOnlySpan<byte> Refusal;
        public bool HasContent;
        public bool HasOurs;
        public bool HasErrorMark;
        public bool HasCacheMark;
        public bool HasBreakpoint;
        public bool HasParts;
        public bool HasPartsToChange;
        public bool HasToolIds;
        public bool HasPrefixMember;

        public readonly bool Is(ReadOnlySpan<byte> role) => Role.SequenceEqual(role);

        public static Parts Read(ReadOnlySpan<byte> message)
        {
            var parts = default(Parts);
            var members = new JsonMembers(message);
            while (members.Next())
            {
                var name = members.Name;
                if (name.SequenceEqual("role"u8))
                    parts.Role = members.Value[1..^1];
                else if (name.SequenceEqual("content"u8))
                    parts.TakeContent(members.Value, members.Kind);
                else if (name.SequenceEqual("name"u8) && members.Kind == JsonTokenType.String)
                    parts.Name = members.Inside;
                else if (name.SequenceEqual("tool_calls"u8))
                    (parts.HasToolIds, parts.HasOurs) = (members.Kind == JsonTokenType.StartArray, parts.HasOurs || members.Value.Length <= 4);
                else if (name.SequenceEqual("tool_call_id"u8))
                    parts.HasToolIds = true;
                else if (IsErrorMark(name))
                    parts.HasErrorMark = true;
                else if (name.SequenceEqual("prefix"u8))
                    parts.HasPrefixMember = true;
                else if (name.SequenceEqual("cache_control"u8))
                    parts.HasCacheMark = true;
                else if (name.SequenceEqual("prompt_cache_breakpoint"u8))
                    parts.HasCacheMark = parts.HasBreakpoint = true;
                else if (name.SequenceEqual("refusal"u8) && members.Kind == JsonTokenType.String)
                    parts.Refusal = members.Value;
                else if (IsOurs(name, members.Kind))
                    parts.TakeOurs(name, members.Value, members.Kind);
            }
            return parts;
        }

        private void TakeContent(ReadOnlySpan<byte> value, JsonTokenType kind)
        {
            HasContent = kind != JsonTokenType.Null;
            if (kind != JsonTokenType.StartArray)
                return;
            HasParts = true;
            // Found as bytes: a text that merely mentions the word is edited without effect.
            HasBreakpoint |= value.IndexOf("\"prompt_cache_breakpoint\""u8) >= 0;
            HasCacheMark |= HasBreakpoint || value.IndexOf("\"cache_control\""u8) >= 0;
            HasPartsToChange |= RequestContentEditor.MayNeedChange(value);
        }

        private void TakeOurs(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, JsonTokenType kind)
        {
            HasOurs = true;
            if (name.SequenceEqual("reasoning_details"u8))
                ReasoningDetails = value;
            else if (kind == JsonTokenType.String && (name.SequenceEqual("reasoning"u8) || name.SequenceEqual("reasoning_content"u8)))
                Reasoning = value[1..^1];
        }
    }
}

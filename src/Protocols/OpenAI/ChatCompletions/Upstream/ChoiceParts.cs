using System.Buffers.Text;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>The members of one element of <c>choices</c>, as they stand in the source; empty when absent or null.</summary>
internal ref struct ChoiceParts
{
    public long Index;
    public ReadOnlySpan<byte> Delta;
    public ReadOnlySpan<byte> Message;
    /// <summary>The inside of <c>finish_reason</c>.</summary>
    public ReadOnlySpan<byte> Finish;
    public ReadOnlySpan<byte> Logprobs;
    public ReadOnlySpan<byte> Usage;
    public ReadOnlySpan<byte> Error;
    /// <summary>There are members beside these.</summary>
    public bool HasOthers;

    /// <summary>Reads <paramref name="json"/>, an object.</summary>
    public static ChoiceParts Read(ReadOnlySpan<byte> json)
    {
        var parts = default(ChoiceParts);
        var members = new JsonMembers(json);
        while (members.Next())
        {
            var name = members.Name;
            var value = members.ValueOrNothing;
            if (name.SequenceEqual("delta"u8))
                parts.Delta = value is [(byte)'{', ..] ? value : default;
            else if (name.SequenceEqual("message"u8))
                parts.Message = value is [(byte)'{', ..] ? value : default;
            else if (name.SequenceEqual("finish_reason"u8))
                parts.Finish = value is [(byte)'"', .. var inside, (byte)'"'] ? inside : default;
            else if (name.SequenceEqual("index"u8))
                parts.Index = Utf8Parser.TryParse(value, out long index, out _) ? index : 0;
            else if (name.SequenceEqual("logprobs"u8))
                parts.Logprobs = value;
            else if (name.SequenceEqual("usage"u8))
                parts.Usage = value;
            else if (name.SequenceEqual("error"u8))
                parts.Error = value.Length > 2 ? value : default;
            else if (!name.SequenceEqual("native_finish_reason"u8))
                parts.HasOthers = true;
        }
        return parts;
    }

    /// <summary>Copies the members that are not read above.</summary>
    public readonly void CopyOthers(ReadOnlySpan<byte> json, ref JsonOutput output)
    {
        if (!HasOthers)
            return;
        var members = new JsonMembers(json);
        while (members.Next())
        {
            var name = members.Name;
            var known = name.SequenceEqual("delta"u8) || name.SequenceEqual("message"u8) || name.SequenceEqual("finish_reason"u8)
                || name.SequenceEqual("native_finish_reason"u8) || name.SequenceEqual("index"u8) || name.SequenceEqual("logprobs"u8)
                || name.SequenceEqual("usage"u8) || name.SequenceEqual("error"u8);
            if (!known)
                output.Member(name, members.Value);
        }
    }
}

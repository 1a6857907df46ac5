using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>
/// Thoughts of other vendors' models in a history for this one, which refuses them: they are left out, and everything else a caller wrote stays as it is, what a
/// chat completion has no place for too.
/// </summary>
internal static class UnsignedThoughts
{
    /// <summary>
    /// False where a budget for thinking is given while results of tools are handed in: the turn that called them must then begin with its thoughts, so that thinking
    /// has to be switched off, which writing the request anew does.
    /// </summary>
    public static bool CanBeLeftOut(JsonElement body) =>
        body.Member("thinking"u8)?.Text("type"u8) != "enabled"
        || body.Items("messages"u8).LastOrDefault().Items("content"u8).All(static block => block.Text("type"u8) != "tool_result");

    /// <summary>The body without them. A turn that was nothing else is left out: the vendor joins its neighbours.</summary>
    public static ReadOnlyMemory<byte> LeaveOut(ReadOnlySpan<byte> body)
    {
        var bytes = new ArrayBufferWriter<byte>(body.Length);
        var output = new JsonOutput(bytes);
        output.BeginObject();
        var members = new JsonMembers(body);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("messages"u8))
                WriteTurns(members.Value, ref output);
            else
                output.Member(members.Name, members.Value);
        }

        output.EndObject();
        output.Flush();
        return bytes.WrittenMemory;
    }

    private static void WriteTurns(ReadOnlySpan<byte> turns, ref JsonOutput output)
    {
        output.Name("messages"u8);
        output.BeginArray();
        var elements = new JsonElements(turns);
        while (elements.Next())
        {
            var (kept, all) = Count(JsonMembers.Find(elements.Value, "content"u8));
            if (kept == all)
                output.Raw(elements.Value);
            else if (kept > 0)
                WriteTurn(elements.Value, ref output);
        }

        output.EndArray();
    }

    private static void WriteTurn(ReadOnlySpan<byte> turn, ref JsonOutput output)
    {
        output.BeginObject();
        var members = new JsonMembers(turn);
        while (members.Next())
        {
            if (!members.Name.SequenceEqual("content"u8))
            {
                output.Member(members.Name, members.Value);
                continue;
            }

            output.Name("content"u8);
            output.BeginArray();
            var blocks = new JsonElements(members.Value);
            while (blocks.Next())
            {
                if (!IsUnsigned(blocks.Value))
                    output.Raw(blocks.Value);
            }

            output.EndArray();
        }

        output.EndObject();
    }

    private static (int Kept, int All) Count(ReadOnlySpan<byte> content)
    {
        var (kept, all) = (0, 0);
        var blocks = new JsonElements(content);
        while (blocks.Next())
        {
            all++;
            if (!IsUnsigned(blocks.Value))
                kept++;
        }

        return (kept, all);
    }

    private static bool IsUnsigned(ReadOnlySpan<byte> block) =>
        JsonMembers.FindString(block, "type"u8).SequenceEqual("thinking"u8) && JsonMembers.FindString(block, "signature"u8).IsEmpty;
}

using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>A whole message of an endpoint of this format: copied, with id, model, provider and what it cost as the contract wants them; all else survives.</summary>
internal static class MessagesAnswerEditor
{
    /// <summary>Writes the message. <paramref name="body"/> has been read without failure.</summary>
    public static void Write(ReadOnlySpan<byte> body, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> target)
    {
        var output = new JsonOutput(target);
        output.BeginObject();
        WriteMembers(body, identity, ref output);
        WriteUsage(JsonMembers.Find(body, "usage"u8), charge, ref output);
        if (!charge.RouterMetadata.IsEmpty)
        {
            output.Name("openrouter_metadata"u8);
            output.Raw(charge.RouterMetadata.Span);
        }

        output.EndObject();
        output.Flush();
    }

    /// <summary>Every member but <c>usage</c>.</summary>
    public static void WriteMembers(ReadOnlySpan<byte> message, AnswerIdentity identity, ref JsonOutput output)
    {
        output.Name("id"u8);
        output.String(identity.GenerationId);
        output.Name("model"u8);
        output.String(identity.Model);
        output.Name("provider"u8);
        output.String(identity.Provider);
        WriteOmitted(message, ref output);
        var members = new JsonMembers(message);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("id"u8) || members.Name.SequenceEqual("model"u8) || members.Name.SequenceEqual("provider"u8)
                || members.Name.SequenceEqual("usage"u8) || members.Name.SequenceEqual("openrouter_metadata"u8))
                continue;
            output.Member(members.Name, members.Value);
        }
    }

    /// <summary>The members every message and every end of one has (inference §12.2), where the provider left them out.</summary>
    public static void WriteOmitted(ReadOnlySpan<byte> owner, ref JsonOutput output)
    {
        if (JsonMembers.Find(owner, "stop_details"u8).IsEmpty)
            output.Member("stop_details"u8, "null"u8);
        if (JsonMembers.Find(owner, "container"u8).IsEmpty)
            output.Member("container"u8, "null"u8);
    }

    /// <summary>The <c>usage</c> member: the provider's own counts, and what they cost. Where the charge does not rest on them, ours.</summary>
    public static void WriteUsage(ReadOnlySpan<byte> reported, AnswerCharge charge, ref JsonOutput output)
    {
        output.Name("usage"u8);
        var ours = new ArrayBufferWriter<byte>(512);
        using (var writer = JsonWriting.Create(ours))
            MessagesUsageWriter.Write(writer, charge);
        if (reported is not [(byte)'{', ..] || charge.Usage.Estimated)
        {
            output.Raw(ours.WrittenSpan);
            return;
        }

        output.BeginObject();
        var members = new JsonMembers(reported);
        while (members.Next())
        {
            if (JsonMembers.Find(ours.WrittenSpan, members.Name).IsEmpty || !IsCost(members.Name))
                output.Member(members.Name, members.Value);
        }

        members = new JsonMembers(ours.WrittenSpan);
        while (members.Next())
        {
            if (IsCost(members.Name) || JsonMembers.Find(reported, members.Name).IsEmpty)
                output.Member(members.Name, members.Value);
        }

        output.EndObject();
    }

    private static bool IsCost(ReadOnlySpan<byte> name) => name.SequenceEqual("cost"u8) || name.SequenceEqual("is_byok"u8) || name.SequenceEqual("cost_details"u8);
}

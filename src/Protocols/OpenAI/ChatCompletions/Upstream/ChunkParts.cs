using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>The members of an answer or of one chunk that mean something to us, as they stand in the source; empty when absent or null.</summary>
internal ref struct ChunkParts
{
    public ReadOnlySpan<byte> Id;
    public ReadOnlySpan<byte> Model;
    public ReadOnlySpan<byte> Choices;
    public ReadOnlySpan<byte> Usage;
    public ReadOnlySpan<byte> Error;
    public ReadOnlySpan<byte> Groq;
    public ReadOnlySpan<byte> Timings;
    public ReadOnlySpan<byte> Citations;
    public ReadOnlySpan<byte> SearchResults;
    public ReadOnlySpan<byte> SystemFingerprint;
    public ReadOnlySpan<byte> ServiceTier;
    /// <summary>The source is an object.</summary>
    public bool IsObject;
    /// <summary>There are members beside the ones every chunk has.</summary>
    public bool HasOthers;
    private bool saysError;
    private bool baseFailed;
    private bool groqFailed;

    /// <summary>The host reports a failure in place of an answer.</summary>
    public readonly bool IsFailure => !Error.IsEmpty || baseFailed || (saysError && Choices.IsEmpty);

    /// <summary>The object that tells of the failure: the whole, or Groq's own member.</summary>
    public readonly ReadOnlySpan<byte> FailureIn(ReadOnlySpan<byte> json) => groqFailed ? Groq : json;

    /// <summary>Reads <paramref name="json"/>.</summary>
    public static ChunkParts Read(ReadOnlySpan<byte> json)
    {
        var parts = default(ChunkParts);
        var members = new JsonMembers(json);
        parts.IsObject = members.IsObject;
        while (members.Next())
            parts.Take(members.Name, members.ValueOrNothing);
        if (!parts.Groq.IsEmpty)
        {
            if (parts.Usage.IsEmpty)
                parts.Usage = JsonMembers.Find(parts.Groq, "usage"u8);
            if (parts.Error.IsEmpty)
            {
                parts.Error = JsonMembers.Find(parts.Groq, "error"u8) is var error && IsSomething(error) ? error : default;
                parts.groqFailed = !parts.Error.IsEmpty;
            }
        }
        return parts;
    }

    /// <summary>The host says that it served at its default tier, whatever it was asked for.</summary>
    public readonly bool ServedAtDefaultTier => ServiceTier.SequenceEqual("\"default\""u8);

    /// <summary>Copies the members that are neither ours to set nor read above as ours to move, nor <paramref name="but"/>.</summary>
    public readonly void CopyOthers(ReadOnlySpan<byte> json, ref JsonOutput output, ReadOnlySpan<byte> but = default)
    {
        if (!HasOthers)
            return;
        var members = new JsonMembers(json);
        while (members.Next())
        {
            if (!IsOurs(members.Name) && !members.Name.SequenceEqual(but))
                output.Member(members.Name, members.Value);
        }
    }

    private static bool IsOurs(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("id"u8) || name.SequenceEqual("object"u8) || name.SequenceEqual("created"u8) || name.SequenceEqual("model"u8)
        || name.SequenceEqual("provider"u8) || name.SequenceEqual("choices"u8) || name.SequenceEqual("usage"u8) || name.SequenceEqual("error"u8)
        || name.SequenceEqual("system_fingerprint"u8) || name.SequenceEqual("openrouter_metadata"u8);

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("choices"u8))
            Choices = value;
        else if (name.SequenceEqual("id"u8))
            Id = value is [(byte)'"', .. var id, (byte)'"'] ? id : default;
        else if (name.SequenceEqual("model"u8))
            Model = value is [(byte)'"', .. var model, (byte)'"'] ? model : default;
        else if (name.SequenceEqual("usage"u8))
            Usage = value;
        else if (name.SequenceEqual("system_fingerprint"u8))
            SystemFingerprint = value;
        else if (name.SequenceEqual("error"u8))
            Error = IsSomething(value) ? value : default;
        else if (name.SequenceEqual("object"u8))
            saysError |= value.SequenceEqual("\"error\""u8);
        else if (!IsOurs(name))
            TakeOther(name, value);
    }

    private void TakeOther(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        HasOthers = true;
        if (name.SequenceEqual("x_groq"u8))
            Groq = value;
        else if (name.SequenceEqual("service_tier"u8))
            ServiceTier = value;
        else if (name.SequenceEqual("timings"u8))
            Timings = value;
        else if (name.SequenceEqual("citations"u8))
            Citations = value;
        else if (name.SequenceEqual("search_results"u8))
            SearchResults = value;
        else if (name.SequenceEqual("base_resp"u8))
            baseFailed = JsonMembers.Find(value.IsEmpty ? "{}"u8 : value, "status_code"u8) is { IsEmpty: false } code && !code.SequenceEqual("0"u8);
        else if (name.SequenceEqual("detail"u8) || name.SequenceEqual("errors"u8) || name.SequenceEqual("message"u8))
            saysError |= IsSomething(value);
    }

    // Hosts that always send the member send {} or "" when all is well.
    private static bool IsSomething(ReadOnlySpan<byte> value) => value.Length > 2 && !value.SequenceEqual("false"u8);
}

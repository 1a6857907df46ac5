using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>
/// The response object of an endpoint of this format: its output is copied, ids, model, provider, what was asked and what it cost become the contract's; members
/// that this version does not know survive.
/// </summary>
internal static class ForwardedResponse
{
    // What the vendor repeats as it was sent, which is not as the caller said it.
    private static readonly FrozenSet<string> NotTheirs = FrozenSet.Create(StringComparer.Ordinal, "user", "safety_identifier", "prompt_cache_key", "max_output_tokens");

    private static readonly FrozenSet<string> Written = FrozenSet.Create(
        StringComparer.Ordinal,
        [
            "id", "object", "created_at", "completed_at", "model", "provider", "status", "output", "output_text", "error", "error_type", "incomplete_details", "store", "previous_response_id",
            "background", "usage", "openrouter_metadata", .. ResponseObject.AskedNames,
        ]);

    /// <summary>Writes it.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="identity">Who answers.</param>
    /// <param name="response">The provider's object; empty where it sent none.</param>
    /// <param name="output">Its items, a JSON array.</param>
    /// <param name="state">How it stands.</param>
    public static void Write(Utf8JsonWriter writer, AnswerIdentity identity, ReadOnlySpan<byte> response, ReadOnlySpan<byte> output, in ResponseState state)
    {
        writer.WriteStartObject();
        ResponseObject.WriteHead(writer, identity, new Output(identity.GenerationId).ResponseId, state);
        writer.WritePropertyName("output"u8);
        if (state.Status == "in_progress")
            writer.WriteRawValue("[]"u8, skipInputValidation: true);
        else
            WriteOutput(writer, output);
        writer.WriteString("output_text"u8, state.Status == "in_progress" ? "" : Text(output));
        ResponseObject.WriteOutcome(writer, state);
        WriteAsked(writer, identity.Asked.Span, response, state.Charge);
        // Where the charge does not rest on the provider's report, none of it is shown.
        ResponseObject.WriteUsage(writer, state.Charge, state.Charge is { Usage.Estimated: true } ? default : JsonMembers.Find(response, "usage"u8));
        var members = new JsonMembers(response);
        while (members.Next())
        {
            if (Written.Contains(Encoding.UTF8.GetString(members.Name)))
                continue;
            writer.WritePropertyName(members.Name);
            writer.WriteRawValue(members.Value, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter writer, ReadOnlySpan<byte> output)
    {
        if (!UrlCitations.MayBeIn(output))
        {
            writer.WriteRawValue(output, skipInputValidation: true);
            return;
        }

        var whole = new PooledBuffer();
        var json = new JsonOutput(whole);
        UrlCitations.WriteWithin(output, ref json);
        json.Flush();
        writer.WriteRawValue(whole.Written, skipInputValidation: true);
        whole.Release();
    }

    /// <summary>How the provider says that it ended.</summary>
    public static ResponseState StateOf(ReadOnlySpan<byte> response, AnswerCharge charge)
    {
        var why = JsonText.ToText(JsonMembers.FindString(JsonMembers.Find(response, "incomplete_details"u8), "reason"u8));
        return JsonMembers.FindString(response, "status"u8).SequenceEqual("incomplete"u8)
            ? new ResponseState("incomplete", why.Length == 0 ? "max_output_tokens" : why, Charge: charge)
            : new ResponseState("completed", Charge: charge);
    }

    private static void WriteAsked(Utf8JsonWriter writer, ReadOnlySpan<byte> asked, ReadOnlySpan<byte> response, AnswerCharge? charge)
    {
        foreach (var (name, otherwise) in ResponseObject.Asked)
        {
            writer.WritePropertyName(name);
            if (charge is not null && name == "service_tier")
                writer.WriteStringValue(charge.ServiceTier ?? "default");
            else if (PassthroughMembers.TryFind(asked, name, out var value) && value is not [(byte)'n', ..])
                writer.WriteRawValue(value, skipInputValidation: true);
            else if (!NotTheirs.Contains(name) && JsonMembers.Find(response, Encoding.UTF8.GetBytes(name)) is { IsEmpty: false } applied)
                writer.WriteRawValue(applied, skipInputValidation: true); // the defaults that held
            else
                writer.WriteRawValue(otherwise, skipInputValidation: true);
        }

        ResponseObject.WriteStateless(writer);
    }

    private static string Text(ReadOnlySpan<byte> output)
    {
        var text = new StringBuilder();
        var items = new JsonElements(output);
        while (items.Next())
        {
            if (!JsonMembers.FindString(items.Value, "type"u8).SequenceEqual("message"u8))
                continue;
            var parts = new JsonElements(JsonMembers.Find(items.Value, "content"u8));
            while (parts.Next())
            {
                if (JsonMembers.FindString(parts.Value, "type"u8).SequenceEqual("output_text"u8))
                    text.Append(JsonText.ToText(JsonMembers.FindString(parts.Value, "text"u8)));
            }
        }

        return text.ToString();
    }
}

using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// The way into the pipeline for clients of other dialects: their reader says the request again as a chat completion, which is then read and checked as if it had
/// come so. What is said is thereby checked once and in one place; members that mean the same in both are copied as they stand.
/// </summary>
internal static class ForeignBody
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = RequestCursor.DeepestNesting, AllowDuplicateProperties = false };

    /// <summary>Says <paramref name="root"/> again as the members of a chat completion; what cannot be said is the error.</summary>
    public delegate GatewayError? Rewriter(JsonElement root, Utf8JsonWriter chat);

    /// <summary>Reads <paramref name="body"/>. Exactly one of the results is set.</summary>
    /// <param name="body">As received.</param>
    /// <param name="mostModels">How many models may be named; 0 does not cap it.</param>
    /// <param name="rewrite">Writes the chat completion.</param>
    /// <param name="names">What members of the chat completion are called in the caller's dialect, for errors: longest chat name first.</param>
    /// <param name="mostStops">How many stop sequences the caller's dialect has.</param>
    public static (CanonicalRequest? Request, GatewayError? Error) Read(
        ReadOnlyMemory<byte> body, int mostModels, Rewriter rewrite, IReadOnlyList<(string Chat, string Theirs)> names, int mostStops = RequestReader.MostStops)
    {
        if (BodyCheck.Check(ref body) is { } unreadable)
            return (null, unreadable);
        var chat = new ArrayBufferWriter<byte>(body.Length + 256);
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, GatewayError.Invalid("The body must be an object."));
            using var writer = JsonWriting.Create(chat);
            writer.WriteStartObject();
            if (rewrite(document.RootElement, writer) is { } error)
                return (null, error);
            writer.WriteEndObject();
        }
        catch (JsonException)
        {
            return (null, WhyUnreadable(body.Span));
        }

        var (request, refusal) = RequestReader.Read(chat.WrittenMemory, mostModels, mostStops);
        return (request is null ? null : request with { Original = body }, refusal is null ? null : InTheirWords(refusal, names));
    }

    // The parser that builds a document tells less of what it refuses than a reader.
    private static GatewayError WhyUnreadable(ReadOnlySpan<byte> body)
    {
        try
        {
            var repeated = BodyPath.At(body, RepeatedName.Find(body));
            return GatewayError.Invalid($"{repeated} is there twice.", repeated);
        }
        catch (JsonException broken)
        {
            return BrokenJson.Describe(body, broken);
        }
    }

    private static GatewayError InTheirWords(GatewayError error, IReadOnlyList<(string Chat, string Theirs)> names)
    {
        if (error.Param is not { } path)
            return error;
        var theirs = path;
        foreach (var (chat, name) in names)
        {
            if (theirs.Contains(chat, StringComparison.Ordinal))
            {
                theirs = theirs.Replace(chat, name, StringComparison.Ordinal);
                break;
            }
        }

        return error with { Param = theirs, Message = error.Message.StartsWith(path, StringComparison.Ordinal) ? theirs + error.Message[path.Length..] : error.Message };
    }
}

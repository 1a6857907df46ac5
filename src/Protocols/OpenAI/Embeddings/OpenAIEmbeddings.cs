using System.Buffers;
using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Embeddings;

/// <summary>
/// OpenAI's <c>/embeddings</c>, of OpenAI itself, Azure and the many hosts that copied it (providers contract §3.5, §11). Inputs go on as they came, in every
/// form. Stateless.
/// </summary>
internal sealed class OpenAIEmbeddings : IEmbeddingDialect
{
    /// <summary>From so many inputs on base64 is asked for where it can be: numbers as text are three times as long.</summary>
    private const int Many = 256;

    public static OpenAIEmbeddings Instance { get; } = new();

    public string PathFor(UpstreamTarget target, bool stream) => "/embeddings";

    public int MostInputs(UpstreamTarget target) => target.Provider is "voyageai" ? 1000 : 2048;

    public int MostTokens(UpstreamTarget target) => target.Provider is "voyageai" ? 120_000 : 300_000;

    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        OpenAIChatDialect.Default.HeadersFor(target, call, apiKey);

    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => OpenAIChatDialect.Default.ReadFailure(status, header, body);

    public GatewayError? WriteRequest(CanonicalRequest request, in EmbeddingBatch batch, UpstreamTarget target, string? userHash, IBufferWriter<byte> output)
    {
        var wanted = request.Embeddings!;
        var quirks = HostTable.Of(target);
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, target.Model);
        writer.WritePropertyName("input"u8);
        if (batch.Inputs.Count == wanted.Inputs.Count)
        {
            writer.WriteRawValue(wanted.Json.Span, skipInputValidation: true);
        }
        else
        {
            writer.WriteStartArray();
            foreach (var input in batch.Inputs)
                WriteInput(writer, input);
            writer.WriteEndArray();
        }

        if (quirks.Base64Embeddings)
            writer.WriteString("encoding_format"u8, wanted.Base64 || batch.Inputs.Count >= Many ? "base64"u8 : "float"u8);
        if (wanted.Dimensions is { } dimensions)
            writer.WriteNumber(quirks.EmbeddingLength, dimensions);
        if (wanted.InputType is { } inputType && !quirks.RefusesUnknown && (target.Provider != "voyageai" || ToVoyage(inputType) is not null))
            writer.WriteString("input_type"u8, target.Provider == "voyageai" ? ToVoyage(inputType) : inputType);
        if (userHash is not null && quirks.UserMembers.Count > 0)
            writer.WriteString("user"u8, userHash);
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    public EmbeddingReading ReadAnswer(ReadOnlyMemory<byte> body, int inputs, Func<string, string?> header)
    {
        if (!JsonCheck.IsValid(body.Span))
            return EmbeddingReading.Unusable("The provider sent an answer that is no JSON.");
        var vectors = new ReadOnlyMemory<byte>[inputs];
        var next = 0;
        var data = new JsonElements(JsonMembers.Find(body.Span, "data"u8));
        while (data.Next())
        {
            // Some hosts number nothing; the order then is that of the inputs.
            var index = EmbeddingJson.Count(data.Value, "index"u8) ?? next;
            var vector = JsonMembers.Find(data.Value, "embedding"u8);
            if (index >= inputs || vectors[index].Length > 0 || !EmbeddingJson.IsVector(vector))
                return EmbeddingJson.Reading(null, null);
            vectors[index] = EmbeddingJson.SliceOf(body, vector);
            next++;
        }

        var usage = JsonMembers.Find(body.Span, "usage"u8);
        var id = JsonMembers.FindString(body.Span, "id"u8);
        return EmbeddingJson.Reading(
            next == inputs ? vectors : null,
            EmbeddingJson.Count(usage, "prompt_tokens"u8) ?? EmbeddingJson.Count(usage, "total_tokens"u8),
            id.IsEmpty ? null : Encoding.UTF8.GetString(id));
    }

    private static void WriteInput(System.Text.Json.Utf8JsonWriter writer, in EmbeddingInput input)
    {
        if (input.Kind == EmbeddingInputKind.Content)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("content"u8);
        }

        writer.WriteRawValue(input.Json.Span, skipInputValidation: true);
        if (input.Kind == EmbeddingInputKind.Content)
            writer.WriteEndObject();
    }

    private static string? ToVoyage(string inputType) => inputType switch
    {
        "search_query" or "query" => "query",
        "search_document" or "document" or "passage" => "document",
        _ => null,
    };
}

using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>
/// The client side of <c>POST /api/v1/responses</c> (inference §10), stateless: requests are read as chat completions (<see cref="ForeignBody"/>), answers are written
/// from their events. An endpoint of the same format gets the caller's items with edits, and its answer comes back so. Stateless and thread-safe.
/// </summary>
/// <param name="mostModels">How many models may be named; 0 does not cap it.</param>
public sealed class ResponsesClientDialect(int mostModels) : IClientDialect
{
    /// <summary>The id of the response that a generation gives.</summary>
    internal static string ResponseId(string generationId) => new Output(generationId).ResponseId;

    /// <inheritdoc/>
    public ClientDialect Dialect => ClientDialect.Responses;

    /// <inheritdoc/>
    public (CanonicalRequest? Request, GatewayError? Error) ReadRequest(ReadOnlyMemory<byte> body)
    {
        var (request, error) = ForeignBody.Read(body, mostModels, RequestRewriter.Write, RequestRewriter.Names);
        return (request is null ? null : request with { Dialect = ClientDialect.Responses }, error);
    }

    /// <inheritdoc/>
    public StreamTranslator CreateStreamTranslator(IUpstreamDialect upstream, UpstreamTarget target, AnswerIdentity identity) =>
        identity.Forwarded
            ? new ResponsesStreamEditor(upstream.CreateEventReader(target), identity)
            : new CanonicalStreamTranslator(upstream.CreateEventReader(target), new ResponsesStreamWriter(identity), identity);

    /// <inheritdoc/>
    public void WriteAnswer(AnswerReading reading, ReadOnlyMemory<byte> body, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output)
    {
        using var writer = JsonWriting.Create(output);
        if (identity.Forwarded)
        {
            ForwardedResponse.Write(writer, identity, body.Span, JsonMembers.Find(body.Span, "output"u8), ForwardedResponse.StateOf(body.Span, charge));
            return;
        }

        var parts = new AnswerParts(reading.EventsOf(body), identity);
        ResponseObject.Write(writer, identity, Output.Of(parts, identity.GenerationId), ResponseState.Ended(reading.Finish.Reconcile(parts.Calls.Count > 0), charge));
    }

    /// <inheritdoc/>
    public void WriteError(GatewayError error, string generationId, string? userId, IBufferWriter<byte> output) =>
        ErrorWriter.WriteBody(error, userId, output, nullMetadata: true);

    /// <inheritdoc/>
    public void WriteStreamError(GatewayError error, AnswerIdentity identity, string? userId, IBufferWriter<byte> output) =>
        new ResponsesStreamWriter(identity).WriteFailure(error, native: null, isFinished: false, output);
}

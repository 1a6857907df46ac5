using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>
/// The client side of <c>POST /api/v1/messages</c> (inference §12): Anthropic's own format over every model. Requests are read as chat completions
/// (<see cref="ForeignBody"/>); an endpoint of the same format gets the caller's bytes with edits, and its answer comes back so. Stateless and thread-safe.
/// </summary>
/// <param name="mostModels">How many models may be named; 0 does not cap it.</param>
public sealed class MessagesDialect(int mostModels) : IClientDialect
{
    // The format has no limit of its own; this one is ours.
    private const int MostStops = 1024;

    /// <inheritdoc/>
    public ClientDialect Dialect => ClientDialect.Messages;

    /// <inheritdoc/>
    public bool CarriesReasoning => false;

    /// <inheritdoc/>
    public (CanonicalRequest? Request, GatewayError? Error) ReadRequest(ReadOnlyMemory<byte> body)
    {
        var forwardable = true;
        ReadOnlyMemory<byte>? signed = null;
        var (request, error) = ForeignBody.Read(body, mostModels, Rewrite, RequestRewriter.Names, MostStops);
        if (request is null)
            return (null, error);
        return (request with { Dialect = ClientDialect.Messages, Original = forwardable ? signed ?? request.Original : default }, null);

        GatewayError? Rewrite(JsonElement root, Utf8JsonWriter chat)
        {
            if (RequestRewriter.Write(root, chat) is { } unsayable)
                return unsayable;
            if (!root.Items("messages"u8).Any(static turn => turn.Member("content"u8) is { } content && ThoughtRewriter.HasUnsigned(content)))
                return null;
            forwardable = UnsignedThoughts.CanBeLeftOut(root);
            if (forwardable)
                signed = UnsignedThoughts.LeaveOut(JsonMarshal.GetRawUtf8Value(root));
            return null;
        }
    }

    /// <inheritdoc/>
    public StreamTranslator CreateStreamTranslator(IUpstreamDialect upstream, UpstreamTarget target, AnswerIdentity identity) =>
        identity.Forwarded
            ? new MessagesStreamEditor(upstream.CreateEventReader(target), identity)
            : new CanonicalStreamTranslator(upstream.CreateEventReader(target), new MessagesStreamWriter(identity), identity);

    /// <inheritdoc/>
    public void WriteAnswer(AnswerReading reading, ReadOnlyMemory<byte> body, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output)
    {
        if (identity.Forwarded)
            MessagesAnswerEditor.Write(body.Span, identity, charge, output);
        else
            MessagesAnswerWriter.Write(reading, reading.EventsOf(body), identity, charge, output);
    }

    /// <inheritdoc/>
    public void WriteError(GatewayError error, string generationId, string? userId, IBufferWriter<byte> output) => MessagesErrorWriter.WriteBody(error, generationId, output);

    /// <inheritdoc/>
    public void WriteStreamError(GatewayError error, AnswerIdentity identity, string? userId, IBufferWriter<byte> output) =>
        MessagesErrorWriter.WriteEvent(error, output);
}

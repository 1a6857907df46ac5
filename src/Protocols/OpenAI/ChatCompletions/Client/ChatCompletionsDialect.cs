using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client;

/// <summary>
/// The client side of <c>POST /api/v1/chat/completions</c>: reads and checks requests, writes answers, streams and errors. Stateless and
/// thread-safe; <see cref="Default"/> serves unless the cap on <c>models</c> was configured.
/// </summary>
/// <param name="mostModels">How many models the <c>models</c> list may name; 0 does not cap it. The default value is 3.</param>
public sealed class ChatCompletionsDialect(int mostModels = ChatCompletionsDialect.DefaultMostModels) : IClientDialect
{
    /// <summary>The default cap on <c>models</c>.</summary>
    public const int DefaultMostModels = 3;

    /// <summary>The dialect with its default limits.</summary>
    public static ChatCompletionsDialect Default { get; } = new();

    /// <inheritdoc/>
    public ClientDialect Dialect => ClientDialect.ChatCompletions;

    /// <inheritdoc/>
    public (CanonicalRequest? Request, GatewayError? Error) ReadRequest(ReadOnlyMemory<byte> body) => RequestReader.Read(body, mostModels);

    /// <inheritdoc/>
    public StreamTranslator CreateStreamTranslator(IUpstreamDialect upstream, UpstreamTarget target, AnswerIdentity identity) =>
        upstream is OpenAIChatDialect
            ? OpenAIChatDialect.CreateStreamEditor(identity)
            : new CanonicalStreamTranslator(upstream.CreateEventReader(target), new ChunkWriter(identity), identity);

    /// <inheritdoc/>
    public void WriteAnswer(AnswerReading reading, ReadOnlyMemory<byte> body, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output)
    {
        if (reading.Events is { } events)
            AnswerWriter.Write(reading, events, identity, charge, output);
        else
            OpenAIChatDialect.EditAnswer(body, identity, charge, output);
    }

    /// <inheritdoc/>
    public void WriteError(GatewayError error, string generationId, string? userId, IBufferWriter<byte> output) => ErrorWriter.WriteBody(error, userId, output);

    /// <inheritdoc/>
    public void WriteStreamError(GatewayError error, AnswerIdentity identity, string? userId, IBufferWriter<byte> output) =>
        ErrorWriter.WriteStream(error, identity, userId, output);
}

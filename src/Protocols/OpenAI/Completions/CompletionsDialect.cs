using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

namespace Fairlead.Protocols.OpenAI.Completions;

/// <summary>
/// The client side of <c>POST /api/v1/completions</c> (inference §9): the older text form, over chat models. The prompt is one user message, of several each in a request of its own (I-44); answers and
/// chunks are those of a chat completion in this route's form (<see cref="CompletionForm"/>). Stateless and thread-safe.
/// </summary>
/// <param name="mostModels">How many models may be named; 0 does not cap it.</param>
public sealed class CompletionsDialect(int mostModels) : IClientDialect
{
    /// <inheritdoc/>
    public ClientDialect Dialect => ClientDialect.Completions;

    /// <inheritdoc/>
    public (CanonicalRequest? Request, GatewayError? Error) ReadRequest(ReadOnlyMemory<byte> body)
    {
        var prompts = 0;
        var (request, error) = ForeignBody.Read(body, mostModels, Rewrite, PromptRewriter.Names);
        if (request is null)
            return (null, error);
        return (request with { Dialect = ClientDialect.Completions, Prompts = prompts, Original = prompts == 0 ? default : request.Original }, null);

        GatewayError? Rewrite(JsonElement root, Utf8JsonWriter chat)
        {
            if (root.Member("prompt"u8) is { ValueKind: JsonValueKind.Array } several && several.GetArrayLength() > 1)
                prompts = several.GetArrayLength();
            return PromptRewriter.Write(root, chat);
        }
    }

    /// <inheritdoc/>
    public StreamTranslator CreateStreamTranslator(IUpstreamDialect upstream, UpstreamTarget target, AnswerIdentity identity) =>
        new CompletionTranslator(ChatCompletionsDialect.Default.CreateStreamTranslator(upstream, target, identity));

    /// <inheritdoc/>
    public void WriteAnswer(AnswerReading reading, ReadOnlyMemory<byte> body, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output)
    {
        var chat = new PooledBuffer();
        ChatCompletionsDialect.Default.WriteAnswer(reading, body, identity, charge, chat);
        CompletionForm.Write(chat.Written, output);
        chat.Release();
    }

    /// <inheritdoc/>
    public void WriteError(GatewayError error, string generationId, string? userId, IBufferWriter<byte> output) =>
        ChatCompletionsDialect.Default.WriteError(error, generationId, userId, output);

    /// <inheritdoc/>
    public void WriteStreamError(GatewayError error, AnswerIdentity identity, string? userId, IBufferWriter<byte> output)
    {
        var chat = new PooledBuffer();
        ChatCompletionsDialect.Default.WriteStreamError(error, identity, userId, chat);
        CompletionForm.WriteEvents(chat.Written, output);
        chat.Release();
    }
}

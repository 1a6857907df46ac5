using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// OpenAI's chat completions as an upstream: OpenAI itself, the many hosts that speak its dialect, and self-hosted servers. A request from a client of the
/// same dialect is forwarded as bytes with edits, and so is its answer. How hosts differ is data: <see cref="HostTable"/>. Stateless and thread-safe.
/// </summary>
public sealed class OpenAIChatDialect : IUpstreamDialect
{
    /// <summary>The dialect.</summary>
    public static OpenAIChatDialect Default { get; } = new();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.OpenAIChat;

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) => "/chat/completions";

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        string.IsNullOrEmpty(apiKey) ? [] : target.Host == CloudHost.Azure ? [new("api-key", apiKey)] : [new("Authorization", "Bearer " + apiKey)];

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        ChatRequestEditor.Write(new RequestContext(request, target, call), output);

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) =>
        FailureClassifier.Classify(status, header, body);

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => ChatAnswerReader.Read(body.Span);

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new ChatEventReader();

    /// <summary>
    /// Edits an answer for a client of the same dialect: id, model, provider, finish reasons, reasoning, tool calls and usage become the contract's,
    /// everything else survives. <paramref name="body"/> must have been read by <see cref="ReadAnswer"/> without failure.
    /// </summary>
    internal static void EditAnswer(ReadOnlyMemory<byte> body, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output) =>
        ChatAnswerEditor.Write(body.Span, identity, charge, output);

    /// <summary>A translator that edits a stream for a client of the same dialect.</summary>
    internal static StreamTranslator CreateStreamEditor(AnswerIdentity identity) => new ChatStreamEditor(identity);
}

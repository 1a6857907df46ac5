using System.Net;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Attempt.Credentials;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Microsoft.Extensions.Logging;

namespace Fairlead.Inference.Routers.BodyBuilder;

/// <summary>
/// Answers for <c>openrouter/bodybuilder</c> (R-29): by the model the operator configured, else, and whenever that fails or writes what cannot be sent, by rules. The
/// caller pays nothing either way.
/// </summary>
internal sealed partial class BodyWriter(UpstreamClient client, TimeProvider time, ILogger<BodyWriter> logger)
{
    private const int MostTries = 2;
    private const int LongestAnswer = 4 << 20;
    private const int MostTokens = 8000;

    /// <summary>The answer, as a provider would give it. Throws where <paramref name="cancellation"/> ends it.</summary>
    public async ValueTask<HttpResponseMessage> AnswerAsync(CatalogSnapshot catalog, CanonicalRequest request, int promptTokens, CancellationToken cancellation)
    {
        var text = catalog.Options.BodyBuilder.Model is { } model ? await ByModelAsync(catalog, model, request, cancellation) : null;
        return OwnAnswer.Of(text ?? RequestBodies.Build(catalog, request.Body), request.Stream, promptTokens);
    }

    private async ValueTask<string?> ByModelAsync(CatalogSnapshot catalog, string slug, CanonicalRequest request, CancellationToken cancellation)
    {
        if (catalog.Find(slug) is not { IsEmbedding: false, Router: RouterKind.None, LiveEndpoints.Count: > 0 } model)
        {
            LogNoModel(slug);
            return null;
        }

        using var timeout = new CancellationTokenSource(catalog.Options.BodyBuilder.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        foreach (var endpoint in model.LiveEndpoints.OrderBy(static one => one.Pricing.Prompt).Take(MostTries))
        {
            try
            {
                if (await AskAsync(endpoint, BodyPrompt.Write(catalog, request.Body), both.Token) is { } said && BodyCheck.Rewrite(catalog, said, request.Body) is { } bodies)
                    return bodies;
                LogUnusable(slug, endpoint.Provider.Slug, "what it wrote is no list of requests");
            }
            catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException or CredentialsException
                || (trouble is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                LogUnusable(slug, endpoint.Provider.Slug, trouble is OperationCanceledException ? "it took too long" : "it could not be reached");
            }
        }

        return null;
    }

    /// <summary>What the model writes; null where it writes nothing or refuses.</summary>
    private async ValueTask<string?> AskAsync(ModelEndpoint endpoint, byte[] prompt, CancellationToken cancellation)
    {
        var (request, error) = ChatCompletionsDialect.Default.ReadRequest(prompt);
        var target = endpoint.Target!;
        var dialect = UpstreamDialects.For(target);
        var call = new UpstreamCall { MaxTokens = Math.Min(MostTokens, endpoint.MaxCompletionTokens ?? MostTokens) };
        // A failed send may still be reading the bytes on its way out: they are left to the collector.
        var body = new System.Buffers.ArrayBufferWriter<byte>(prompt.Length + 512);
        if (error is not null || dialect.WriteRequest(request!, target, call, body) is not null)
            return null;
        using var response = await client.SendAsync(endpoint, dialect, call, body.WrittenMemory, cancellation);
        if (response.StatusCode != HttpStatusCode.OK || !ResponseReading.IsJson(ResponseReading.MediaType(response)))
            return null;
        await using var stream = ResponseReading.Open(response, cancellation);
        using var answer = new PooledBody(8192);
        if (!await ResponseReading.ReadAsync(stream, answer, LongestAnswer, cancellation))
            return null;
        var reading = dialect.ReadAnswer(answer.Memory, target);
        // An answer that was cut off may lack requests, whatever can be made of it.
        return reading is { Failure: null, Finish: not FinishReason.Length } ? string.Concat(reading.EventsOf(answer.Memory).OfType<TextDelta>().Select(static piece => piece.Text)) : null;
    }

    [LoggerMessage(EventId = 61, Level = LogLevel.Warning, Message = "The model {Model} of inference.body_builder is not in the catalog or cannot be reached; request bodies are written by rules.")]
    private partial void LogNoModel(string model);

    [LoggerMessage(EventId = 62, Level = LogLevel.Warning, Message = "The model {Model} of inference.body_builder at {Provider} wrote no request bodies: {Reason}.")]
    private partial void LogUnusable(string model, string provider, string reason);
}

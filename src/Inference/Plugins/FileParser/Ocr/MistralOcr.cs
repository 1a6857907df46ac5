using System.Text.Json.Nodes;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Mistral.Ocr;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;
using Fairlead.Storage.Outbound;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Plugins.FileParser.Ocr;

/// <summary>Mistral's document OCR: reads what is scanned. The address of a file is given to it as it came, and fetched there. Thread-safe.</summary>
internal sealed class MistralOcr(IOptions<InferenceOptions> options) : IDisposable
{
    /// <summary>The most pictures of one document that come back.</summary>
    public const int MostImages = 8;

    private readonly HttpMessageInvoker guarded = new(GuardedConnect.CreateHandler(allowPrivate: false, TimeSpan.FromSeconds(5)));
    private readonly HttpMessageInvoker unguarded = new(GuardedConnect.CreateHandler(allowPrivate: true, TimeSpan.FromSeconds(5)));

    /// <summary>Reads a document.</summary>
    /// <param name="service">Where.</param>
    /// <param name="address">An http(s) address or a <c>data:</c> URL.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="cancellation">The caller left.</param>
    public async ValueTask<Outcome<OcrAnswer>> ReadAsync(OcrService service, string address, string name, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(service.Timeout);
        // Not given back to the pool when the send fails: it may still be read on its way out.
        var body = new PooledBody(address.Length + 256);
        OcrRequestWriter.Write(address, name, MostImages, body);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, service.BaseUrl + "/ocr") { Content = new ReadOnlyMemoryContent(body.Memory) };
            message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            message.Headers.TryAddWithoutValidation("Authorization", "Bearer " + service.Key);
            using var response = await (service.AllowPrivate ? unguarded : guarded).SendAsync(message, limit.Token);
            var answer = await ReadAsync(response, limit.Token);
            body.Dispose();
            return answer;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed(UpstreamFailures.NoFirstToken(service.Timeout.TotalSeconds));
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException)
        {
            return Failed(UpstreamFailures.Connection(trouble));
        }
    }

    public void Dispose()
    {
        guarded.Dispose();
        unguarded.Dispose();
    }

    private async ValueTask<Outcome<OcrAnswer>> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var answer = new PooledBody(64 * 1024);
        await using var stream = ResponseReading.Open(response, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            await ResponseReading.ReadAsync(stream, answer, ResponseReading.MaxErrorBytes, cancellation);
            return Failed(OpenAIChatDialect.Default.ReadFailure((int)response.StatusCode, name => ResponseReading.Header(response, name), answer.Span));
        }

        if (!await ResponseReading.ReadAsync(stream, answer, options.Value.MaxAnswerBytes, cancellation))
            return Failed(UpstreamFailures.TooLarge());
        return OcrAnswer.Read(answer.Span, MostImages) is { } read ? read : Failed(UpstreamFailures.Unreadable());
    }

    /// <summary>As a failed attempt is told (I-59, I-61): what is wrong with our own account there is not the caller's fault.</summary>
    private GatewayError Failed(UpstreamFailure failure)
    {
        var ours = failure.Retry is RetryClass.Credentials or RetryClass.UnknownModel;
        var metadata = new JsonObject { ["provider_name"] = "Mistral" };
        if (options.Value.ShowRawProviderErrors && failure.Raw is not null && failure.Retry != RetryClass.Credentials)
            metadata["raw"] = failure.Raw;
        return new GatewayError
        {
            Kind = ours ? ErrorKind.ProviderUnavailable : failure.Kind,
            Message = $"mistral-ocr could not read it: {(ours ? "it refused this gateway's key." : failure.Message)} Nothing was charged.",
            Metadata = metadata,
            RetryAfterSeconds = failure.RetryAfter is { } wait ? (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, 86_400) : null,
        };
    }
}

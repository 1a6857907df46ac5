using Fairlead.Inference.Receive;
using Fairlead.Protocols.Errors;
using Fairlead.Storage.Outbound;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Attempt;

/// <summary>
/// Fetches an image or document a caller named, under the rules for user-named addresses (architecture §6): public addresses only, checked at connect time, at
/// most three redirects each checked again, size and time capped, the type decided by the bytes and not by the sender.
/// </summary>
internal sealed class MediaFetcher : IDisposable
{
    private const int MaxRedirects = 3;

    private readonly IOptions<InferenceOptions> options;
    private readonly HttpMessageInvoker invoker;

    public MediaFetcher(IOptions<InferenceOptions> options)
        : this(options, allowPrivate: false)
    {
    }

    /// <summary>For tests, whose hosts are on this machine.</summary>
    internal MediaFetcher(IOptions<InferenceOptions> options, bool allowPrivate) =>
        (this.options, invoker) = (options, new HttpMessageInvoker(GuardedConnect.CreateHandler(allowPrivate, TimeSpan.FromSeconds(5))));

    /// <summary>An image, or with <paramref name="documents"/> a PDF too, as a <c>data:</c> URL.</summary>
    public async ValueTask<(string? DataUrl, GatewayError? Error)> FetchAsync(string address, bool documents, CancellationToken cancellation)
    {
        var (fetched, error) = await GetAsync(address, documents, cancellation);
        if (fetched is null)
            return (null, error);
        using var body = fetched.Body;
        return (ImageType(body.Span) ?? (documents && body.Span.StartsWith("%PDF-"u8) ? "application/pdf" : null)) is { } type
            ? ($"data:{type};base64,{Convert.ToBase64String(body.Span)}", null)
            : (null, NotFetched(address, documents, documents ? "it is neither a PDF nor a PNG, JPEG, WebP or GIF image" : "it is not a PNG, JPEG, WebP or GIF image"));
    }

    /// <summary>A file of any type.</summary>
    public async ValueTask<Outcome<FetchedFile>> FetchFileAsync(string address, CancellationToken cancellation)
    {
        var (fetched, error) = await GetAsync(address, documents: true, cancellation);
        if (fetched is null)
            return error!;
        using var body = fetched.Body;
        return new FetchedFile(body.Span.ToArray(), fetched.MediaType);
    }

    public void Dispose() => invoker.Dispose();

    private async ValueTask<(Fetched? Fetched, GatewayError? Error)> GetAsync(string address, bool documents, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Value.FetchImageSeconds));
        try
        {
            return await FollowAsync(address, documents, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, NotFetched(address, documents, $"it did not arrive within {options.Value.FetchImageSeconds:0} s"));
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException)
        {
            var refused = trouble as AddressRefusedException ?? trouble.InnerException as AddressRefusedException;
            return (null, NotFetched(address, documents, refused?.Message ?? "its host could not be reached"));
        }
    }

    private async ValueTask<(Fetched? Fetched, GatewayError? Error)> FollowAsync(string address, bool documents, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                return (null, NotFetched(address, documents, "it is not an http or https address"));
            using var response = await invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, uri), cancellation);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location)
            {
                if (redirects == MaxRedirects)
                    return (null, NotFetched(address, documents, "it redirects too often"));
                address = new Uri(uri, location).AbsoluteUri;
                continue;
            }

            if (!response.IsSuccessStatusCode)
                return (null, NotFetched(address, documents, $"its host answered {(int)response.StatusCode}"));
            var body = new PooledBody(64 * 1024);
            var isWhole = false;
            try
            {
                await using var stream = await ResponseReading.OpenAsync(response, cancellation);
                isWhole = await ResponseReading.ReadAsync(stream, body, options.Value.MaxFetchedImageBytes, cancellation);
            }
            finally
            {
                if (!isWhole)
                    body.Dispose();
            }

            return isWhole
                ? (new Fetched(body, response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant()), null)
                : (null, NotFetched(address, documents, $"it is larger than {options.Value.MaxFetchedImageBytes} bytes"));
        }
    }

    private static string? ImageType(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0x89, 0x50, 0x4E, 0x47, ..])
            return "image/png";
        if (bytes is [0xFF, 0xD8, 0xFF, ..])
            return "image/jpeg";
        if (bytes.StartsWith("GIF8"u8))
            return "image/gif";
        return bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8) ? "image/webp" : null;
    }

    private static GatewayError NotFetched(string address, bool documents, string why) => new()
    {
        Kind = ErrorKind.ImageDownloadFailed,
        Message = $"The {(documents ? "file" : "image")} at {(address.Length <= 120 ? address : address[..120] + "…")} could not be fetched: {why}.",
    };

    private sealed record Fetched(PooledBody Body, string? MediaType);
}

/// <summary>A file that was fetched.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="MediaType">What its host calls it, in lower case and without parameters; null when it does not say.</param>
internal sealed record FetchedFile(byte[] Bytes, string? MediaType);

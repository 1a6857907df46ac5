using Fairlead.Protocols.Errors;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Attempt;

/// <summary>
/// Fetches an image or document a caller named (<see cref="PublicFetch"/>): size and time capped, the type decided by the bytes and not by the sender.
/// </summary>
internal sealed class MediaFetcher : IDisposable
{
    private readonly IOptions<InferenceOptions> options;
    private readonly PublicFetch fetch;

    public MediaFetcher(IOptions<InferenceOptions> options)
        : this(options, allowPrivate: false)
    {
    }

    /// <summary>For tests, whose hosts are on this machine.</summary>
    internal MediaFetcher(IOptions<InferenceOptions> options, bool allowPrivate) => (this.options, fetch) = (options, new PublicFetch(allowPrivate));

    /// <summary>An image, or with <paramref name="documents"/> a PDF too, as a <c>data:</c> URL.</summary>
    public async ValueTask<(string? DataUrl, GatewayError? Error)> FetchAsync(string address, bool documents, CancellationToken cancellation)
    {
        var outcome = await GetAsync(address, cancellation);
        if (outcome.Page is not { } page)
            return (null, NotFetched(address, documents, outcome));
        using (page)
        {
            var bytes = page.Body.Span;
            return (ImageType(bytes) ?? (documents && bytes.StartsWith("%PDF-"u8) ? "application/pdf" : null)) is { } type
                ? ($"data:{type};base64,{Convert.ToBase64String(bytes)}", null)
                : (null, NotFetched(address, documents, documents ? "it is neither a PDF nor a PNG, JPEG, WebP or GIF image" : "it is not a PNG, JPEG, WebP or GIF image"));
        }
    }

    /// <summary>A file of any type.</summary>
    public async ValueTask<Outcome<FetchedFile>> FetchFileAsync(string address, CancellationToken cancellation)
    {
        var outcome = await GetAsync(address, cancellation);
        if (outcome.Page is not { } page)
            return NotFetched(address, documents: true, outcome);
        using (page)
            return new FetchedFile(page.Body.Span.ToArray(), page.MediaType);
    }

    public void Dispose() => fetch.Dispose();

    private ValueTask<FetchOutcome> GetAsync(string address, CancellationToken cancellation) => fetch.GetAsync(
        address,
        new FetchRules
        {
            Limit = TimeSpan.FromSeconds(options.Value.FetchImageSeconds),
            Largest = options.Value.MaxFetchedImageBytes,
            ObjectToAnswer = static response => response.IsSuccessStatusCode ? null : $"its host answered {(int)response.StatusCode}",
        },
        cancellation);

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

    private GatewayError NotFetched(string address, bool documents, FetchOutcome outcome) => NotFetched(address, documents, outcome.Trouble switch
    {
        FetchTrouble.NoAddress => "it is not an http or https address",
        FetchTrouble.Redirects => "it redirects too often",
        FetchTrouble.TooLarge => $"it is larger than {options.Value.MaxFetchedImageBytes} bytes",
        FetchTrouble.TooSlow => $"it did not arrive within {options.Value.FetchImageSeconds:0} s",
        _ => outcome.Detail ?? "its host could not be reached",
    });

    private static GatewayError NotFetched(string address, bool documents, string why) => new()
    {
        Kind = ErrorKind.ImageDownloadFailed,
        Message = $"The {(documents ? "file" : "image")} at {(address.Length <= 120 ? address : address[..120] + "…")} could not be fetched: {why.TrimEnd('.')}.",
    };
}

/// <summary>A file that was fetched.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="MediaType">What its host calls it, in lower case and without parameters; null when it does not say.</param>
internal sealed record FetchedFile(byte[] Bytes, string? MediaType);

using System.IO.Compression;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Attempt;

/// <summary>Reads provider answers with the distrust callers get: bounded, whatever length they claim.</summary>
internal static class ResponseReading
{
    /// <summary>Most bytes read of an error body.</summary>
    public const int MaxErrorBytes = 64 * 1024;

    /// <summary>The body, decompressed where the provider compressed it without being asked.</summary>
    public static async ValueTask<Stream> OpenAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellation);
        if (response.Content.Headers.ContentEncoding.Count == 0)
            return body;
        return response.Content.Headers.ContentEncoding.Last().ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            _ => body,
        };
    }

    /// <summary>Reads to the end or to the limit. False when there was more than <paramref name="limit"/>.</summary>
    public static async ValueTask<bool> ReadAsync(Stream source, PooledBody into, long limit, CancellationToken cancellation)
    {
        int read;
        while ((read = await source.ReadAsync(into.GetMemory(4096), cancellation)) > 0)
        {
            into.Advance(read);
            if (into.Length > limit)
                return false;
        }

        return true;
    }

    /// <summary>The content type is one of JSON, or missing.</summary>
    public static bool IsJson(string? mediaType) =>
        mediaType is null || mediaType.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);

    /// <summary>A header of the answer or its body; null when absent.</summary>
    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;

    /// <summary>Reads and classifies an answer that is none.</summary>
    public static async ValueTask<UpstreamFailure> ReadFailureAsync(IUpstreamFormat format, HttpResponseMessage response, Stream stream, CancellationToken cancellation)
    {
        using var body = new PooledBody(2048);
        try
        {
            await ReadAsync(stream, body, MaxErrorBytes, cancellation);
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException)
        {
            // The status says enough; what arrived of the body is read as far as it goes.
        }

        return format.ReadFailure((int)response.StatusCode, name => Header(response, name), body.Span);
    }
}

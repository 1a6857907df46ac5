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
    public static Stream Open(HttpResponseMessage response, CancellationToken cancellation)
    {
        // Waits for nothing: the body is not buffered.
        var body = response.Content.ReadAsStream(cancellation);
        if (!response.Content.Headers.NonValidated.Contains("Content-Encoding") || response.Content.Headers.ContentEncoding.Count == 0)
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

    /// <summary>The media type of the body, without its parameters; null when it names none that can be read.</summary>
    public static string? MediaType(HttpResponseMessage response)
    {
        // Most providers send one of these to the letter: nothing to parse.
        if (response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var sent))
        {
            switch (sent.ToString())
            {
                case "application/json" or "application/json; charset=utf-8":
                    return "application/json";
                case "text/event-stream" or "text/event-stream; charset=utf-8":
                    return "text/event-stream";
            }
        }

        return response.Content.Headers.ContentType?.MediaType;
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

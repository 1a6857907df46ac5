using System.Buffers;
using System.IO.Compression;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Receive;

/// <summary>Reads a request body whole, bounded: the limit counts bytes after decompression.</summary>
internal static class BodyReader
{
    public static ValueTask<Outcome<PooledBody>> ReadAsync(HttpRequest request, long limit, CancellationToken cancellation)
    {
        if (request.ContentLength > limit)
            return new(TooLarge(limit));
        string? encoding = request.Headers.ContentEncoding;
        if (string.IsNullOrEmpty(encoding) || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            encoding = null;
        try
        {
            if (encoding is null && ReadArrived(request) is { } body)
                return new(body);
        }
        catch (BadHttpRequestException refused)
        {
            return new(Refused(refused, limit));
        }

        return ReadRestAsync(request, encoding, limit, cancellation);
    }

    /// <summary>The body, where all of it came with the headers, as small ones do: nothing to wait for. Null where it did not.</summary>
    private static PooledBody? ReadArrived(HttpRequest request)
    {
        if (request.ContentLength is not { } length || !request.BodyReader.TryRead(out var read))
            return null;
        if (read.Buffer.Length != length)
        {
            request.BodyReader.AdvanceTo(read.Buffer.Start);
            return null;
        }

        var body = new PooledBody((int)Math.Max(length, 256));
        foreach (var segment in read.Buffer)
            body.Write(segment.Span);
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return body;
    }

    private static async ValueTask<Outcome<PooledBody>> ReadRestAsync(HttpRequest request, string? encoding, long limit, CancellationToken cancellation)
    {
        try
        {
            if (encoding is null)
                return await ReadPlainAsync(request, limit, cancellation);

            await using var plain = Decompress(encoding.Trim(), request.Body);
            return plain is null
                ? new GatewayError { Kind = ErrorKind.InvalidRequest, Status = 415, Message = "Content-Encoding must be gzip, br, deflate or absent." }
                : await ReadStreamAsync(plain, limit, cancellation);
        }
        catch (BadHttpRequestException refused)
        {
            return Refused(refused, limit);
        }
        catch (Exception broken) when (broken is InvalidDataException or InvalidOperationException)
        {
            // Brotli's decoder says it with the second of them.
            return GatewayError.Invalid($"The request body is not valid {encoding} data.");
        }
    }

    private static async ValueTask<Outcome<PooledBody>> ReadPlainAsync(HttpRequest request, long limit, CancellationToken cancellation)
    {
        var body = new PooledBody((int)Math.Clamp(request.ContentLength ?? 4096, 256, 1 << 20));
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(cancellation);
                foreach (var segment in read.Buffer)
                    body.Write(segment.Span);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (body.Length > limit)
                {
                    body.Dispose();
                    return TooLarge(limit);
                }

                if (read.IsCompleted)
                    return body;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static async ValueTask<Outcome<PooledBody>> ReadStreamAsync(Stream plain, long limit, CancellationToken cancellation)
    {
        var body = new PooledBody(4096);
        try
        {
            int read;
            while ((read = await plain.ReadAsync(body.GetMemory(4096), cancellation)) > 0)
            {
                body.Advance(read);
                if (body.Length <= limit)
                    continue;
                body.Dispose();
                return TooLarge(limit);
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static Stream? Decompress(string encoding, Stream body) => encoding.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress),
        _ => null,
    };

    private static GatewayError Refused(BadHttpRequestException refused, long limit) => refused.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => TooLarge(limit),
        StatusCodes.Status408RequestTimeout => new GatewayError { Kind = ErrorKind.RequestTimeout, Message = "The request body arrived too slowly." },
        _ => GatewayError.Invalid("The request body could not be read: it ended early or its framing is broken."),
    };

    private static GatewayError TooLarge(long limit) => new()
    {
        Kind = ErrorKind.PayloadTooLarge,
        Message = $"The request body is larger than {limit} bytes, the limit of this gateway.",
    };
}

using System.Net.Sockets;
using System.Text.Json;
using Fairlead.Catalog.Snapshot;
using Fairlead.Storage.Outbound;

namespace Fairlead.Catalog.Discovery;

/// <summary>
/// Asks one server small questions: checked addresses, no redirects, at most 4 MiB an answer, all questions together within a time. The key goes along as the
/// provider wants it, and no header without one.
/// </summary>
internal sealed class ServerConnection : IDisposable
{
    private const int MostBytes = 4 * 1024 * 1024;

    private readonly HttpMessageInvoker invoker;
    private readonly (string Name, string Value)? key;
    private readonly CancellationTokenSource limit;
    private readonly CancellationToken caller;
    private readonly TimeSpan longest;

    public ServerConnection(bool allowPrivate, (string Name, string Value)? key, TimeSpan longest, CancellationToken caller)
    {
        invoker = new HttpMessageInvoker(GuardedConnect.CreateHandler(allowPrivate, longest));
        (this.key, this.longest, this.caller) = (key, longest, caller);
        limit = CancellationTokenSource.CreateLinkedTokenSource(caller);
        limit.CancelAfter(longest);
    }

    /// <summary>The header a provider's key is sent in.</summary>
    public static (string Name, string Value)? KeyHeader(Provider provider) => provider.ApiKey is not { } key ? null : provider.Auth switch
    {
        AuthScheme.None => null,
        AuthScheme.XApiKey => ("x-api-key", key),
        AuthScheme.XGoogApiKey => ("x-goog-api-key", key),
        _ => ("Authorization", "Bearer " + key),
    };

    public Task<JsonDocument> GetAsync(string address) => AskAsync(new HttpRequestMessage(HttpMethod.Get, address));

    public Task<JsonDocument> PostAsync(string address, byte[] json) => AskAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(json) { Headers = { ContentType = new("application/json") } } });

    public void Dispose()
    {
        limit.Dispose();
        invoker.Dispose();
    }

    private async Task<JsonDocument> AskAsync(HttpRequestMessage request)
    {
        try
        {
            using (request)
            {
                if (key is { } header)
                    request.Headers.TryAddWithoutValidation(header.Name, header.Value);
                using var response = await invoker.SendAsync(request, limit.Token);
                if (!response.IsSuccessStatusCode)
                    throw new DiscoveryException(Refused((int)response.StatusCode, request.RequestUri!.AbsolutePath));
                return JsonDocument.Parse(await ReadAsync(response.Content));
            }
        }
        catch (OperationCanceledException late) when (!caller.IsCancellationRequested)
        {
            throw new DiscoveryException($"it did not answer within {longest.TotalSeconds:0.#} s", late);
        }
        catch (JsonException unreadable)
        {
            throw new DiscoveryException($"its answer at {request.RequestUri!.AbsolutePath} is not JSON", unreadable);
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or SocketException)
        {
            throw new DiscoveryException(Unreachable(trouble), trouble);
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content)
    {
        await using var stream = await content.ReadAsStreamAsync(limit.Token);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, limit.Token) is > 0 and var read)
        {
            if (body.Length + read > MostBytes)
                throw new DiscoveryException($"its answer is larger than {MostBytes / (1024 * 1024)} MiB");
            body.Write(buffer, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static string Refused(int status, string path) => status switch
    {
        401 or 403 => $"it answered {status} at {path}: it wants a key, or another one",
        404 => $"it has no {path} (404): the address or the protocol may be another",
        >= 300 and < 400 => $"it answered {status} at {path}, a redirect, which is not followed",
        _ => $"it answered {status} at {path}",
    };

    private static string Unreachable(Exception trouble)
    {
        for (Exception? one = trouble; one is not null; one = one.InnerException)
        {
            if (one is AddressRefusedException refused)
                return refused.Message.TrimEnd('.');
            if (one is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
                return "nothing listens there (connection refused)";
            if (one is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain })
                return "its host name is not known";
        }

        return trouble is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? "no secure connection could be made" : "it cannot be reached";
    }
}

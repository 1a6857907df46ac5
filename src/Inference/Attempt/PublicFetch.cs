using Fairlead.Inference.Receive;
using Fairlead.Storage.Outbound;

namespace Fairlead.Inference.Attempt;

/// <summary>Why an address that somebody named could not be read.</summary>
internal enum FetchTrouble
{
    /// <summary>It could.</summary>
    None,
    /// <summary>It is no http or https address.</summary>
    NoAddress,
    /// <summary>The caller of the fetch objected; <see cref="FetchOutcome.Detail"/> is what it said.</summary>
    Objected,
    /// <summary>It leads on too often, or to nowhere.</summary>
    Redirects,
    /// <summary>It is larger than allowed.</summary>
    TooLarge,
    /// <summary>It did not arrive in time.</summary>
    TooSlow,
    /// <summary>Its host could not be reached, or may not be: then <see cref="FetchOutcome.Detail"/> says why.</summary>
    Unreachable,
}

/// <summary>What a fetch came to: the page, or the trouble.</summary>
internal readonly record struct FetchOutcome(FetchedPage? Page, FetchTrouble Trouble, string? Detail = null);

/// <summary>What was found at an address.</summary>
/// <param name="Address">Where it was found in the end.</param>
/// <param name="Status">The status it came with.</param>
/// <param name="MediaType">What its host calls it, in lower case; null when it does not say.</param>
/// <param name="Charset">How its host says it is encoded, or null.</param>
/// <param name="Body">Its bytes.</param>
internal sealed record FetchedPage(Uri Address, int Status, string? MediaType, string? Charset, PooledBody Body) : IDisposable
{
    public void Dispose() => Body.Dispose();
}

/// <summary>What a fetch is allowed.</summary>
internal sealed record FetchRules
{
    /// <summary>For all of it, redirects included.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>Most bytes, decompressed.</summary>
    public required int Largest { get; init; }

    /// <summary>The <c>Accept</c> header; null sends none.</summary>
    public string? Accept { get; init; }

    /// <summary>Why a place may not be asked, each on the way; null where it may.</summary>
    public Func<Uri, string?>? ObjectToPlace { get; init; }

    /// <summary>Why an answer is not to be read, asked before its body is; null where it is.</summary>
    public Func<HttpResponseMessage, string?>? ObjectToAnswer { get; init; }
}

/// <summary>
/// Reads what is at an address a stranger named (architecture §6): public addresses only, checked at connect time, at most three redirects each checked again, within a
/// time and a size. Troubles name hosts, never addresses inside. Thread-safe.
/// </summary>
/// <param name="allowPrivate">For tests, whose hosts are on this machine.</param>
internal sealed class PublicFetch(bool allowPrivate = false) : IDisposable
{
    private const int MaxRedirects = 3;

    private readonly HttpMessageInvoker invoker = new(GuardedConnect.CreateHandler(allowPrivate, TimeSpan.FromSeconds(5)));

    /// <summary>Never throws for what hosts do.</summary>
    public async ValueTask<FetchOutcome> GetAsync(string address, FetchRules rules, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(rules.Limit);
        try
        {
            return await FollowAsync(address, rules, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new FetchOutcome(null, FetchTrouble.TooSlow);
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException)
        {
            return new FetchOutcome(null, FetchTrouble.Unreachable, (trouble as AddressRefusedException ?? trouble.InnerException as AddressRefusedException)?.Message);
        }
    }

    public void Dispose() => invoker.Dispose();

    private async ValueTask<FetchOutcome> FollowAsync(string address, FetchRules rules, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                return new FetchOutcome(null, FetchTrouble.NoAddress);
            if (rules.ObjectToPlace?.Invoke(uri) is { } place)
                return new FetchOutcome(null, FetchTrouble.Objected, place);
            using var message = new HttpRequestMessage(HttpMethod.Get, uri);
            if (rules.Accept is { } accept)
                message.Headers.TryAddWithoutValidation("Accept", accept);
            using var response = await invoker.SendAsync(message, cancellation);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location)
            {
                if (redirects == MaxRedirects || !Uri.TryCreate(uri, location, out var next))
                    return new FetchOutcome(null, FetchTrouble.Redirects);
                address = next.AbsoluteUri;
                continue;
            }

            return rules.ObjectToAnswer?.Invoke(response) is { } objection
                ? new FetchOutcome(null, FetchTrouble.Objected, objection)
                : await ReadAsync(uri, response, rules.Largest, cancellation);
        }
    }

    private static async ValueTask<FetchOutcome> ReadAsync(Uri uri, HttpResponseMessage response, int largest, CancellationToken cancellation)
    {
        var body = new PooledBody(64 * 1024);
        var isWhole = false;
        try
        {
            await using var stream = ResponseReading.Open(response, cancellation);
            isWhole = await ResponseReading.ReadAsync(stream, body, largest, cancellation);
        }
        finally
        {
            if (!isWhole)
                body.Dispose();
        }

        var type = response.Content.Headers.ContentType;
        return isWhole
            ? new FetchOutcome(new FetchedPage(uri, (int)response.StatusCode, type?.MediaType?.ToLowerInvariant(), type?.CharSet, body), FetchTrouble.None)
            : new FetchOutcome(null, FetchTrouble.TooLarge);
    }
}

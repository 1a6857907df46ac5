using System.Text;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Html;
using Fairlead.Protocols.Tokens;
using Fairlead.Storage.Outbound;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>A page as text.</summary>
/// <param name="Url">Where it was found in the end.</param>
/// <param name="Title">Its title, or empty.</param>
/// <param name="Text">What it says.</param>
/// <param name="Status">The status it came with.</param>
internal sealed record WebPage(string Url, string Title, string Text, int Status);

/// <summary>
/// Reads pages that a model names, under the rules for user-named addresses (architecture §6): public addresses only, checked at connect time, at most three redirects
/// each checked again; 10 seconds and 2 MiB. Reasons name hosts, never addresses inside.
/// </summary>
internal sealed class PageReader : IDisposable
{
    private const int MaxRedirects = 3;
    private const int LargestPage = 2 << 20;
    private const int LongestTitle = 300;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker invoker = new(GuardedConnect.CreateHandler(allowPrivate: false, TimeSpan.FromSeconds(5)));

    /// <summary>The page, or why there is none.</summary>
    /// <param name="address">As the model wrote it.</param>
    /// <param name="mayVisit">Whether a host is among those the caller allows.</param>
    /// <param name="mostTokens">Longer text is cut.</param>
    /// <param name="cancellation">The caller left.</param>
    public async ValueTask<(WebPage? Page, string? Error)> ReadAsync(string address, Func<string, bool> mayVisit, int mostTokens, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            return await FollowAsync(address, mayVisit, mostTokens, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"The page did not arrive within {Limit.TotalSeconds:0} seconds.");
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException)
        {
            var refused = trouble as AddressRefusedException ?? trouble.InnerException as AddressRefusedException;
            return (null, refused?.Message ?? "The host could not be reached.");
        }
    }

    public void Dispose() => invoker.Dispose();

    private async ValueTask<(WebPage? Page, string? Error)> FollowAsync(string address, Func<string, bool> mayVisit, int mostTokens, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                return (null, "That is not an http or https address.");
            if (!mayVisit(uri.IdnHost))
                return (null, $"The caller does not allow pages of {uri.IdnHost}.");
            using var message = new HttpRequestMessage(HttpMethod.Get, uri);
            message.Headers.TryAddWithoutValidation("Accept", "text/html, text/plain, application/json;q=0.9, */*;q=0.1");
            using var response = await invoker.SendAsync(message, cancellation);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location)
            {
                if (redirects == MaxRedirects || !Uri.TryCreate(uri, location, out var next))
                    return (null, "The page redirects too often.");
                address = next.AbsoluteUri;
                continue;
            }

            var type = response.Content.Headers.ContentType;
            var isHtml = type?.MediaType is "text/html" or "application/xhtml+xml";
            if (!isHtml && type?.MediaType is not null && !type.MediaType.StartsWith("text/", StringComparison.Ordinal) && !type.MediaType.EndsWith("json", StringComparison.Ordinal) && !type.MediaType.EndsWith("xml", StringComparison.Ordinal))
                return (null, $"The page is of type {type.MediaType}, which is no text.");
            using var body = new PooledBody(64 * 1024);
            await using var stream = await ResponseReading.OpenAsync(response, cancellation);
            if (!await ResponseReading.ReadAsync(stream, body, LargestPage, cancellation))
                return (null, $"The page is larger than {LargestPage >> 20} MiB.");
            var source = Decode(body.Span, type?.CharSet);
            var (title, text) = isHtml ? ReadHtml(source) : ("", source);
            return (new WebPage(uri.AbsoluteUri, title, Cut(text, mostTokens), (int)response.StatusCode), null);
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        try
        {
            return (charset is null ? Encoding.UTF8 : Encoding.GetEncoding(charset.Trim('"'))).GetString(bytes);
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            return Encoding.UTF8.GetString(bytes);
        }
    }

    private static (string Title, string Text) ReadHtml(string source)
    {
        var page = HtmlText.Of(source);
        return (page.Title.Length <= LongestTitle ? page.Title : page.Title[..LongestTitle], page.Text);
    }

    /// <summary>As much of the text as has so many tokens, by our own count.</summary>
    private static string Cut(string text, int mostTokens)
    {
        while (true)
        {
            var tokens = Tokenizer.O200k.Count(Encoding.UTF8.GetBytes(text));
            if (tokens <= mostTokens)
                return text;
            // In proportion, and a little less so that it ends.
            text = text[..(int)((long)text.Length * mostTokens / (tokens + 1))];
        }
    }
}

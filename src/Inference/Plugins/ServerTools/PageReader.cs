using System.Text;
using Fairlead.Inference.Attempt;
using Fairlead.Protocols.Html;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>A page as text.</summary>
/// <param name="Url">Where it was found in the end.</param>
/// <param name="Title">Its title, or empty.</param>
/// <param name="Text">What it says.</param>
/// <param name="Status">The status it came with.</param>
internal sealed record WebPage(string Url, string Title, string Text, int Status);

/// <summary>Reads pages that a model names (<see cref="PublicFetch"/>): 10 seconds and 2 MiB, text only.</summary>
internal sealed class PageReader : IDisposable
{
    private const int LargestPage = 2 << 20;
    private const int LongestTitle = 300;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly PublicFetch fetch = new();

    /// <summary>The page, or why there is none.</summary>
    /// <param name="address">As the model wrote it.</param>
    /// <param name="mayVisit">Whether a host is among those the caller allows.</param>
    /// <param name="mostTokens">Longer text is cut.</param>
    /// <param name="cancellation">The caller left.</param>
    public async ValueTask<(WebPage? Page, string? Error)> ReadAsync(string address, Func<string, bool> mayVisit, int mostTokens, CancellationToken cancellation)
    {
        var rules = new FetchRules
        {
            Limit = Limit,
            Largest = LargestPage,
            Accept = "text/html, text/plain, application/json;q=0.9, */*;q=0.1",
            ObjectToPlace = uri => mayVisit(uri.IdnHost) ? null : $"The caller does not allow pages of {uri.IdnHost}.",
            ObjectToAnswer = static response => response.Content.Headers.ContentType?.MediaType is { } type && !IsText(type) ? $"The page is of type {type}, which is no text." : null,
        };
        var outcome = await fetch.GetAsync(address, rules, cancellation);
        if (outcome.Page is not { } found)
            return (null, Why(outcome));
        using (found)
        {
            var source = Decode(found.Body.Span, found.Charset);
            var (title, text) = found.MediaType is "text/html" or "application/xhtml+xml" ? ReadHtml(source) : ("", source);
            return (new WebPage(found.Address.AbsoluteUri, title, Cut(text, mostTokens), found.Status), null);
        }
    }

    public void Dispose() => fetch.Dispose();

    private static bool IsText(string type) => type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || type.EndsWith("json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("xml", StringComparison.OrdinalIgnoreCase);

    private static string Why(FetchOutcome outcome) => outcome.Trouble switch
    {
        FetchTrouble.NoAddress => "That is not an http or https address.",
        FetchTrouble.Redirects => "The page redirects too often.",
        FetchTrouble.TooLarge => $"The page is larger than {LargestPage >> 20} MiB.",
        FetchTrouble.TooSlow => $"The page did not arrive within {Limit.TotalSeconds:0} seconds.",
        _ => outcome.Detail ?? "The host could not be reached.",
    };

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

using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary>Finds where an answer cites the results it was given .</summary>
internal static class CitedLinks
{
    /// <summary>
    /// One citation for each result, in their order: the span of its first Markdown link in <paramref name="text"/>, in UTF-16 code units, end exclusive; 0 and 0
    /// where there is none.
    /// </summary>
    public static IReadOnlyList<AnswerEvent> Of(IReadOnlyList<SearchResult> results, string text) => [.. results.Select(result =>
    {
        var (start, end) = Span(text, result.Url);
        return new UrlCitation(result.Url, result.Title, result.Excerpt, start, end);
    })];

    private static (int Start, int End) Span(string text, string url)
    {
        for (var at = text.IndexOf("](", StringComparison.Ordinal); at >= 0; at = text.IndexOf("](", at + 2, StringComparison.Ordinal))
        {
            var address = text.AsSpan(at + 2);
            if (!address.StartsWith(url, StringComparison.Ordinal) || address.Length == url.Length || address[url.Length] is not (')' or ' '))
                continue;
            var close = address.IndexOf(')');
            // An address may hold brackets of its own: the link ends after it.
            var end = address[url.Length] == ')' ? at + 2 + url.Length + 1 : close < 0 ? -1 : at + 2 + close + 1;
            var start = text.LastIndexOf('[', at);
            if (start >= 0 && end >= 0)
                return (start, end);
        }

        return (0, 0);
    }
}

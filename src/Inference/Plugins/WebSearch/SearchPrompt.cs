using System.Globalization;
using System.Text;

namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary>What a model is told about a search: the prompt (the caller's, else ours with the current date) and the results, without numbers (routing §11.2, R-38).</summary>
internal static class SearchPrompt
{
    public static string Of(string? prompt, IReadOnlyList<SearchResult> results, DateTimeOffset now)
    {
        var text = new StringBuilder(prompt ?? Default(now));
        foreach (var result in results)
        {
            text.Append("\n\n").Append(result.Title).Append('\n').Append(result.Url);
            if (result.Excerpt.Length > 0)
                text.Append('\n').Append(result.Excerpt);
        }

        return text.ToString();
    }

    private static string Default(DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        The web was searched for this conversation on {now.UtcDateTime:MMMM d, yyyy}. The results follow. Base your answer on those that help, and cite each one you use as a Markdown link labelled with the domain it comes from, for example: [example.org](https://example.org/some-page).
        """);
}

using System.Text.Json.Nodes;

namespace Fairlead.Protocols.Errors;

/// <summary>What moderation objected to (inference §13.3).</summary>
/// <param name="Reasons">In the words of who judged.</param>
/// <param name="Input">The text, at most 100 characters, shortened in the middle.</param>
public sealed record FlaggedInput(IReadOnlyList<string> Reasons, string Input)
{
    /// <summary>What the caller is told.</summary>
    public const string Message = "Your input was flagged by moderation and was not sent to the model.";

    private const int Longest = 100;

    /// <summary>The same of a text of any length.</summary>
    public static FlaggedInput Of(IReadOnlyList<string> reasons, string text) => new(reasons, Shorten(text));

    /// <summary>The members of <c>error.metadata</c>.</summary>
    public JsonObject ToMetadata(string providerName, string modelSlug) => new()
    {
        ["reasons"] = new JsonArray([.. Reasons.Select(static reason => (JsonNode)reason)]),
        ["flagged_input"] = Input,
        ["provider_name"] = providerName,
        ["model_slug"] = modelSlug,
    };

    private static string Shorten(string text)
    {
        if (text.Length <= Longest)
            return text;
        // Not through the middle of a pair.
        var (head, tail) = (Longest / 2, text.Length - (Longest / 2) + 1);
        head -= char.IsHighSurrogate(text[head - 1]) ? 1 : 0;
        tail += char.IsLowSurrogate(text[tail]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, head), "…", text.AsSpan(tail));
    }
}

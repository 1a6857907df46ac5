namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>What OpenAI's own models refuse, by family (providers §3.1, 2026-08). Read off the public slug; other authors' models have none of it.</summary>
internal readonly record struct OpenAIModelFamily(bool IsReasoning, bool IsSearchPreview, bool TakesNoSystem, bool ThinksOptionally)
{
    /// <summary>The family of a public slug such as <c>openai/gpt-5.1</c>.</summary>
    public static OpenAIModelFamily Of(string slug)
    {
        const string Author = "openai/";
        if (!slug.StartsWith(Author, StringComparison.Ordinal))
            return default;
        var name = slug.AsSpan(Author.Length);
        if (name.Contains("search-preview", StringComparison.Ordinal))
            return new OpenAIModelFamily(false, true, false, false);
        if (name.StartsWith("o1-mini") || name.StartsWith("o1-preview"))
            return new OpenAIModelFamily(true, false, true, false);
        if (name.Length > 1 && name[0] == 'o' && char.IsAsciiDigit(name[1]))
            return new OpenAIModelFamily(true, false, false, false);
        if (!name.StartsWith("gpt-") || name.Contains("-chat", StringComparison.Ordinal) || name.Length < 5 || !char.IsAsciiDigit(name[4]) || name[4] < '5')
            return default;
        // From 5.1 on reasoning can be "none", and then sampling parameters are taken.
        return new OpenAIModelFamily(true, false, false, name[4] > '5' || (name.Length > 6 && name[5] == '.' && name[6] >= '1'));
    }
}

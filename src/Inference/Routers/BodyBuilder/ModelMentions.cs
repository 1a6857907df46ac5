using System.Runtime.CompilerServices;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Routers.BodyBuilder;

/// <summary>A model named in a text.</summary>
/// <param name="Model">Its slug.</param>
/// <param name="Start">Where the name begins.</param>
/// <param name="End">Behind its end.</param>
internal readonly record struct Mention(string Model, int Start, int End);

/// <summary>
/// Finds the models a text names: by slug, by alias, by name in any usual spelling ("Claude Sonnet 4.5", "gpt-4o", "gemini flash"), and by family alone, which
/// means its newest model. Built once per snapshot.
/// </summary>
internal sealed class ModelMentions
{
    // Names are a few words long: "llama 3.3 70b instruct".
    private const int LongestName = 6;
    private const int MostMentions = 20;

    private static readonly ConditionalWeakTable<CatalogSnapshot, ModelMentions> Made = [];

    // What people leave out of a name.
    private static readonly HashSet<string> Fillers = new(StringComparer.Ordinal) { "instruct", "preview", "it", "chat", "latest", "exp", "beta" };

    // Offsprings of a family that its name alone does not mean.
    private static readonly string[] Special =
        ["fast", "lite", "mini", "nano", "flash", "image", "audio", "codex", "search", "research", "guard", "safeguard", "safety", "coder", "code", "vl", "thinking", "oss", "distill", "customtools", "terminus", "air", "turbo", "pro", "max"];

    // First words of names that mean a model in any sentence; "nova", "command" and the like do not.
    private static readonly HashSet<string> Brands = new(StringComparer.Ordinal)
    {
        "claude", "gpt", "gemini", "deepseek", "llama", "mistral", "mixtral", "qwen", "grok", "kimi", "glm", "gemma", "nemotron", "minimax", "codestral",
    };

    private static readonly Dictionary<string, string> Nicknames = new(StringComparer.Ordinal)
    {
        ["sonnet"] = "claude sonnet", ["opus"] = "claude opus", ["haiku 4.5"] = "claude haiku 4.5", ["chatgpt"] = "gpt", ["anthropic"] = "claude",
    };

    private readonly CatalogSnapshot catalog;
    private readonly Dictionary<string, Model> byWords = new(StringComparer.Ordinal);

    private ModelMentions(CatalogSnapshot catalog)
    {
        this.catalog = catalog;
        // Of two models that a key means, the newer one; the catalog's order is newest first.
        foreach (var model in catalog.Listed.Where(static model => model is { Router: RouterKind.None, AliasTarget: null } && !model.Id.Contains(':', StringComparison.Ordinal)))
        {
            var words = Words(model.Id[(model.Id.IndexOf('/', StringComparison.Ordinal) + 1)..]);
            byWords.TryAdd(Key(words), model);
            byWords.TryAdd(Key([.. words.Where(static word => !Fillers.Contains(word))]), model);
        }

        foreach (var model in catalog.Listed.Where(static model => model.AliasTarget is not null && model.Id.EndsWith("-latest", StringComparison.OrdinalIgnoreCase)))
        {
            if (catalog.Find(model.Id) is { } target)
                byWords.TryAdd(Key([.. Words(model.Id[(model.Id.IndexOf('/', StringComparison.Ordinal) + 1)..]).Where(static word => !Fillers.Contains(word))]), target);
        }

        AddFamilies();
    }

    /// <summary>The index of a snapshot.</summary>
    public static ModelMentions Of(CatalogSnapshot catalog) => Made.GetValue(catalog, static key => new ModelMentions(key));

    /// <summary>The models named, in the text's order, each place once.</summary>
    public IReadOnlyList<Mention> Find(string text)
    {
        var found = new List<Mention>();
        var words = Split(text);
        for (var i = 0; i < words.Count && found.Count < MostMentions;)
        {
            var (model, count) = At(text, words, i);
            if (model is null)
            {
                i++;
                continue;
            }

            found.Add(new Mention(model, words[i].Start, words[i + count - 1].End));
            i += count;
        }

        return found;
    }

    /// <summary>The longest name that begins at a word.</summary>
    private (string? Model, int Words) At(string text, List<Word> words, int first)
    {
        // A slug stands as one piece: author/name, with a tilde, a variant.
        if (SlugAt(text, words, first) is { } slug)
            return slug;
        for (var count = Math.Min(LongestName, words.Count - first); count > 0; count--)
        {
            // Only what stands together is a name: "gpt-4o", "Claude Sonnet", but not over a comma or a line.
            if (!Together(text, words, first, count))
                continue;
            string[] parts = [.. words.Slice(first, count).Select(static word => word.Text)];
            var spoken = string.Join(' ', parts);
            if (Nicknames.TryGetValue(spoken, out var proper))
                parts = proper.Split(' ');
            else if (count > 1 && Nicknames.TryGetValue(parts[0], out var start))
                parts = [.. start.Split(' '), .. parts.AsSpan(1)];
            if (byWords.TryGetValue(Key(parts), out var model) && (count > 1 || parts.Length > 1 || Brands.Contains(parts[0]) || parts[0].AsSpan().ContainsAnyInRange('0', '9')))
                return (model.Id, count);
        }

        return default;
    }

    private (string Model, int Words)? SlugAt(string text, List<Word> words, int first)
    {
        var start = words[first].Start;
        var end = start;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('"' or '\'' or '`' or ',' or ';' or ')' or '(' or '!' or '?'))
            end++;
        var slug = text.AsSpan(start, end - start).TrimEnd(".:");
        if (!slug.Contains('/') || slug.Length > 200 || Resolve(start > 0 && text[start - 1] == '~' ? "~" + slug.ToString() : slug.ToString()) is not { } id)
            return null;
        var count = 1;
        while (first + count < words.Count && words[first + count].Start < start + slug.Length)
            count++;
        return (id, count);
    }

    private string? Resolve(string slug) =>
        catalog.Find(slug) is { } model ? (slug.StartsWith('~') && model.Router == RouterKind.None ? slug.ToLowerInvariant() : model.Id) : catalog.FindLatest(slug)?.Id;

    private static bool Together(string text, List<Word> words, int first, int count)
    {
        for (var i = first + 1; i < first + count; i++)
        {
            var between = text.AsSpan(words[i - 1].End, words[i].Start - words[i - 1].End);
            if (between.Length > 2 || between.ContainsAnyExcept(" -_:"))
                return false;
        }

        return true;
    }

    /// <summary>"claude sonnet", "gemini flash", "llama": a name without its version is its newest model.</summary>
    private void AddFamilies()
    {
        // Newest first, so that the first to claim a family keeps it: the family's own models, those of the brand without a speciality, then any.
        for (var round = 0; round < 3; round++)
        {
            foreach (var model in catalog.Listed)
            {
                if (model is not { Router: RouterKind.None, AliasTarget: null } || model.Id.Contains(':', StringComparison.Ordinal))
                    continue;
                string[] family = [.. Words(model.Id[(model.Id.IndexOf('/', StringComparison.Ordinal) + 1)..]).Where(static word => !IsVersion(word) && !Fillers.Contains(word))];
                if (family.Length == 0 || !Brands.Contains(family[0]))
                    continue;
                if (round == 0)
                    byWords.TryAdd(Key(family), model);
                else if (round == 2 || !family.AsSpan(1).ContainsAny(Special))
                    byWords.TryAdd(family[0], model);
            }
        }
    }

    // "4.5", "v3", "70b", "a22b", "0905", "4o".
    private static bool IsVersion(string word) => word.AsSpan().ContainsAnyInRange('0', '9');

    private static List<string> Words(string name) => [.. Split(name).Select(static word => word.Text)];

    /// <summary>The order of words does not matter: "Sonnet 4.5" and "4.5 Sonnet".</summary>
    private static string Key(IReadOnlyList<string> words) => string.Join(' ', words.Order(StringComparer.Ordinal));

    private static List<Word> Split(string text)
    {
        var words = new List<Word>();
        for (var at = 0; at < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[at]))
            {
                at++;
                continue;
            }

            var end = at + 1;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || (text[end] == '.' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]))))
                end++;
            // "qwen3" and "gemini3" are a name and its version.
            var split = at;
            while (split < end && char.IsAsciiLetter(text[split]))
                split++;
            if (split - at >= 3 && split < end && char.IsAsciiDigit(text[split]))
            {
                words.Add(new Word(text[at..split].ToLowerInvariant(), at, split));
                words.Add(new Word(text[split..end].ToLowerInvariant(), split, end));
            }
            else
            {
                words.Add(new Word(text[at..end].ToLowerInvariant(), at, end));
            }

            at = end;
        }

        return words;
    }

    private readonly record struct Word(string Text, int Start, int End);
}

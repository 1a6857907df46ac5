using System.Buffers;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Building;

/// <summary>
/// What <c>~author/family-latest</c> stands for (routing §2): the newest model of the family that can answer. A model is of a family when its name has the
/// family's words in their order, and besides them only versions, dates and stages: <c>claude-opus-4.8-fast</c> is not of <c>claude-opus</c>.
/// </summary>
internal static class LatestModels
{
    private const string Suffix = "-latest";

    private static readonly SearchValues<char> Version = SearchValues.Create("0123456789.");

    private static readonly HashSet<string> Stages = new(StringComparer.OrdinalIgnoreCase) { "preview", "exp", "beta", "it", "instruct" };

    /// <summary>The slug is written as an alias of this kind.</summary>
    public static bool IsAlias(string slug) => slug.StartsWith('~') && slug.Length <= 200 && slug.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)
        && slug.IndexOf('/', StringComparison.Ordinal) is > 1 and var slash && slash + Suffix.Length + 1 < slug.Length;

    /// <summary>The model the alias leads to; null when no model is of the family.</summary>
    /// <param name="alias">The alias.</param>
    /// <param name="declared">What the catalog's source names as its target: of the family whatever its name; null where it names none.</param>
    /// <param name="models">All models.</param>
    public static Model? Find(string alias, Model? declared, IEnumerable<Model> models)
    {
        var slash = alias.IndexOf('/', StringComparison.Ordinal);
        var author = alias[1..(slash + 1)];
        var family = alias[(slash + 1)..^Suffix.Length].Split('-');
        Model? newest = null;
        foreach (var model in models)
        {
            var isOf = ReferenceEquals(model, declared) || (model.Id.StartsWith(author, StringComparison.OrdinalIgnoreCase) && IsOf(family, model.Id[author.Length..]));
            if (isOf && model is { AliasTarget: null, Router: RouterKind.None } && (newest is null || IsBetter(model, newest)))
                newest = model;
        }

        return newest;
    }

    /// <summary>One that can answer before one that cannot, then the newer one.</summary>
    private static bool IsBetter(Model model, Model than)
    {
        var (live, wasLive) = (model.LiveEndpoints.Count > 0, than.LiveEndpoints.Count > 0);
        if (live != wasLive)
            return live;
        return model.Created != than.Created ? model.Created > than.Created : string.CompareOrdinal(model.Id, than.Id) > 0;
    }

    private static bool IsOf(string[] family, string name)
    {
        var next = 0;
        foreach (var word in name.Split('-'))
        {
            if (next < family.Length && word.Equals(family[next], StringComparison.OrdinalIgnoreCase))
                next++;
            else if (!IsVersion(word) && !Stages.Contains(word))
                return false;
        }

        return next == family.Length;
    }

    /// <summary>Digits and points, behind at most one letter: <c>4.5</c>, <c>v3</c>, <c>k2</c>, <c>0905</c>.</summary>
    private static bool IsVersion(string word)
    {
        var digits = word.Length > 1 && char.IsAsciiLetter(word[0]) ? word.AsSpan(1) : word;
        return digits.Length > 0 && char.IsAsciiDigit(digits[0]) && !digits.ContainsAnyExcept(Version);
    }
}

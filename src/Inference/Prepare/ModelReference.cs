using Fairlead.Inference.Route;

namespace Fairlead.Inference.Prepare;

/// <summary>
/// A model as a caller writes it: <c>author/name</c> with any number of <c>:suffix</c> in any order (routing §2, R-02). Static suffixes (<c>:free</c>,
/// <c>:extended</c>, <c>:thinking</c>, …) name a model of the catalog and stay in the slug; dynamic ones become wishes.
/// </summary>
/// <param name="Slug">Without dynamic suffixes.</param>
/// <param name="Sort"><c>:nitro</c>, <c>:floor</c> or <c>:exacto</c>; the last one wins. Null without one.</param>
/// <param name="Online"><c>:online</c></param>
/// <param name="Preset">The slug after <c>@preset/</c>, or null.</param>
internal readonly record struct ModelReference(string Slug, RouteSort? Sort, bool Online, string? Preset)
{
    public const string PresetMark = "@preset/";

    public static ModelReference Parse(string text)
    {
        var at = text.IndexOf(PresetMark, StringComparison.OrdinalIgnoreCase);
        var preset = at < 0 ? null : text[(at + PresetMark.Length)..];
        var rest = at < 0 ? text : text[..at];
        if (!rest.Contains(':', StringComparison.Ordinal))
            return new ModelReference(rest, null, false, preset);

        RouteSort? sort = null;
        var online = false;
        var parts = rest.Split(':');
        var slug = parts[0];
        foreach (var suffix in parts.AsSpan(1))
        {
            switch (suffix.ToLowerInvariant())
            {
                case "nitro":
                    sort = RouteSort.Throughput;
                    break;
                case "floor":
                    sort = RouteSort.Price;
                    break;
                case "exacto":
                    sort = RouteSort.Exacto;
                    break;
                case "online":
                    online = true;
                    break;
                default:
                    slug += ":" + suffix;
                    break;
            }
        }

        return new ModelReference(slug, sort, online, preset);
    }
}

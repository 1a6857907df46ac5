using Fairlead.Inference.Route;

namespace Fairlead.Inference.Prepare;

/// <summary>
/// A model as a caller writes it: <c>author/name</c> with any number of <c>:suffix</c> (routing §2, R-02). Static suffixes name a model of the
/// catalog and stay in the slug; dynamic ones become wishes.
/// </summary>
internal readonly record struct ModelReference(string Slug, RouteSort Sort, bool Online, string? Preset)
{
    public static ModelReference Parse(string text)
    {
        var at = text.IndexOf("@preset/", StringComparison.OrdinalIgnoreCase);
        var preset = at < 0 ? null : text[(at + "@preset/".Length)..];
        var rest = at < 0 ? text : text[..at];
        if (!rest.Contains(':', StringComparison.Ordinal))
            return new ModelReference(rest, RouteSort.Default, false, preset);

        var sort = RouteSort.Default;
        var online = false;
        var parts = rest.Split(':');
        var slug = parts[0];
        foreach (var suffix in parts.AsSpan(1))
        {
            // Two sorting suffixes: the last one wins.
            switch (suffix.ToLowerInvariant())
            {
                case "nitro":
                    sort = RouteSort.Throughput;
                    break;
                case "floor":
                    sort = RouteSort.Price;
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

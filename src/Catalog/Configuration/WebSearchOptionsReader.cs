namespace Fairlead.Catalog.Configuration;

/// <summary>Reads the <c>inference.web_search</c> object.</summary>
internal static class WebSearchOptionsReader
{
    private static readonly MemberNames Members = new("web_search", "exa", "searxng");

    public static void Read(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            if (OutsideServiceReader.Read(ref json) is not { } change)
                continue;
            changes.Add(name == "exa"
                ? o => o with { WebSearch = o.WebSearch with { Exa = change(o.WebSearch.Exa) } }
                : o => o with { WebSearch = o.WebSearch with { Searxng = change(o.WebSearch.Searxng) } });
        }
    }
}

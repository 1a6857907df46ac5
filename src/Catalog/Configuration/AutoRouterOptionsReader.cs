namespace Fairlead.Catalog.Configuration;

/// <summary>Reads the <c>inference.auto_router</c> object.</summary>
internal static class AutoRouterOptionsReader
{
    private const int MostPatterns = 200;

    private static readonly MemberNames Members =
        new("auto_router", "chat", "code", "math", "long_context", "vision", "tools", "fallbacks", "long_context_tokens", "cost_quality_tradeoff");

    public static void Read(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            Func<AutoRouterOptions, AutoRouterOptions>? change = name switch
            {
                "fallbacks" => json.Whole(0, 20) is { } most ? o => o with { Fallbacks = (int)most } : null,
                "long_context_tokens" => json.Whole(1000, 10_000_000) is { } tokens ? o => o with { LongContextTokens = (int)tokens } : null,
                "cost_quality_tradeoff" => json.Whole(0, 10) is { } tradeoff ? o => o with { CostQualityTradeoff = (int)tradeoff } : null,
                _ => Patterns(ref json) is { } list ? Set(name, list) : null,
            };
            if (change is not null)
                changes.Add(o => o with { AutoRouter = change(o.AutoRouter) });
        }
    }

    private static Func<AutoRouterOptions, AutoRouterOptions> Set(string task, IReadOnlyList<string> list) => task switch
    {
        "chat" => o => o with { Chat = list },
        "code" => o => o with { Code = list },
        "math" => o => o with { Math = list },
        "long_context" => o => o with { LongContext = list },
        "vision" => o => o with { Vision = list },
        _ => o => o with { Tools = list },
    };

    private static List<string>? Patterns(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.IsNull || !json.EnterList())
            return null;
        var list = new List<string>();
        while (json.NextElement())
        {
            if (json.Text(200) is not { } pattern)
                continue;
            if (Snapshot.ModelPattern.IsOne(pattern))
                list.Add(pattern);
            else
                json.Report("must be a slug (author/model), author/*, author/prefix*, */prefix* or *.");
        }

        if (list.Count is > 0 and <= MostPatterns)
            return list;
        json.Report(at, $"must name 1 to {MostPatterns} models.");
        return null;
    }
}

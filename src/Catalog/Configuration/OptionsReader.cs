namespace Fairlead.Catalog.Configuration;

/// <summary>Reads the <c>catalog</c> and <c>inference</c> objects.</summary>
internal static class OptionsReader
{
    private static readonly MemberNames CatalogMembers = new("catalog", "list");
    private static readonly MemberNames InferenceMembers = new("inference", "default_model", "max_body_bytes", "max_models", "max_attempts", "attempts_s",
        "first_comment_s", "comment_every_s", "stalled_reader_s", "byok_fee_percent", "byok_free_requests", "free_models", "circuit", "exacto", "sticky_s",
        "response_cache_bytes", "web_search", "file_parser", "auto_router", "body_builder", "moderation");

    private static readonly (string Name, bool Value)[] Listings = [("live", false), ("all", true)];

    public static void ReadCatalog(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(CatalogMembers, out _))
        {
            if (WireNames.Choice(ref json, Listings) is { } all)
                changes.Add(o => o with { ListAll = all });
        }
    }

    public static void ReadInference(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(InferenceMembers, out var name))
        {
            if (name == "free_models")
            {
                FreeModelLimitsReader.Read(ref json, changes);
                continue;
            }

            if (name == "circuit")
            {
                CircuitOptionsReader.Read(ref json, changes);
                continue;
            }

            if (name == "exacto")
            {
                ExactoOptionsReader.Read(ref json, changes);
                continue;
            }

            if (name == "moderation")
            {
                ModerationOptionsReader.Read(ref json, changes);
                continue;
            }

            if (name == "web_search")
            {
                WebSearchOptionsReader.Read(ref json, changes);
                continue;
            }

            if (name == "file_parser")
            {
                FileParserOptionsReader.Read(ref json, changes);
                continue;
            }

            if (name == "body_builder")
            {
                BodyBuilderOptionsReader.Read(ref json, changes);
                continue;
            }

            if (name == "auto_router")
            {
                AutoRouterOptionsReader.Read(ref json, changes);
                continue;
            }

            Func<GatewayOptions, GatewayOptions>? change = name switch
            {
                "default_model" => json.Text(200) is { } model ? o => o with { DefaultModel = model } : null,
                "max_body_bytes" => json.Whole(1024, 1 << 30) is { } bytes ? o => o with { MaxBodyBytes = (int)bytes } : null,
                "max_models" => json.Whole(0, 100) is { } models ? o => o with { MaxModels = (int)models } : null,
                "max_attempts" => json.Whole(1, 50) is { } attempts ? o => o with { MaxAttempts = (int)attempts } : null,
                "attempts_s" => Seconds(ref json, 1, 3600) is { } time ? o => o with { AttemptsDeadline = time } : null,
                "first_comment_s" => Seconds(ref json, 0.1m, 600) is { } time ? o => o with { FirstComment = time } : null,
                "comment_every_s" => Seconds(ref json, 0.1m, 600) is { } time ? o => o with { CommentEvery = time } : null,
                "response_cache_bytes" => json.Whole(0, 64L << 30) is { } bytes ? o => o with { ResponseCacheBytes = bytes } : null,
                "sticky_s" => Seconds(ref json, 0, 86_400) is { } time ? o => o with { StickyFor = time } : null,
                "byok_fee_percent" => json.Number(0, 100) is { } percent ? o => o with { Byok = o.Byok with { FeePpm = (int)(percent * 10_000) } } : null,
                "byok_free_requests" => json.Whole(0, 1_000_000_000_000) is { } free ? o => o with { Byok = o.Byok with { FreeRequestsPerMonth = free } } : null,
                _ => Seconds(ref json, 1, 3600) is { } time ? o => o with { StalledReader = time } : null,
            };
            if (change is not null)
                changes.Add(change);
        }
    }

    /// <summary>A number of seconds within bounds.</summary>
    public static TimeSpan? Seconds(ref ConfigurationCursor json, decimal min, decimal max) =>
        json.Number(min, max) is { } seconds ? TimeSpan.FromMilliseconds((double)(seconds * 1000)) : null;
}

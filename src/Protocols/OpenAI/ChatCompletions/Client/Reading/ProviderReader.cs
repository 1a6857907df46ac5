using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary>
/// The <c>provider</c> object (routing §4). Unlike the request itself it is closed, as its schema says: a misspelt privacy wish must not be
/// dropped in silence.
/// </summary>
internal static class ProviderReader
{
    private const int MostSlugs = 256;
    private const int LongestSlug = 128;

    private enum Member
    {
        Order,
        Only,
        Ignore,
        AllowFallbacks,
        RequireParameters,
        DataCollection,
        Zdr,
        EnforceDistillableText,
        Quantizations,
        Sort,
        MaxPrice,
        MinThroughput,
        MaxLatency,
        PreferredMinThroughput,
        PreferredMaxLatency,
        Continuity,
        ContinuityHold,
        Options,
    }

    private enum SortMember
    {
        By,
        Partition,
    }

    private enum PercentileMember
    {
        P50,
        P75,
        P90,
        P99,
    }

    private static readonly NameTable<Member> Members = new(
        ("order", Member.Order), ("only", Member.Only), ("ignore", Member.Ignore), ("allow_fallbacks", Member.AllowFallbacks),
        ("require_parameters", Member.RequireParameters), ("data_collection", Member.DataCollection), ("zdr", Member.Zdr),
        ("enforce_distillable_text", Member.EnforceDistillableText), ("quantizations", Member.Quantizations), ("sort", Member.Sort),
        ("max_price", Member.MaxPrice), ("min_throughput", Member.MinThroughput), ("max_latency", Member.MaxLatency),
        ("preferred_min_throughput", Member.PreferredMinThroughput), ("preferred_max_latency", Member.PreferredMaxLatency),
        ("continuity", Member.Continuity), ("continuity_hold", Member.ContinuityHold), ("options", Member.Options));

    private static readonly NameTable<SortMember> SortMembers = new(("by", SortMember.By), ("partition", SortMember.Partition));

    private static readonly NameTable<PercentileMember> PercentileMembers = new(
        ("p50", PercentileMember.P50), ("p75", PercentileMember.P75), ("p90", PercentileMember.P90), ("p99", PercentileMember.P99));

    private static readonly string[] Sorts = ["price", "throughput", "latency", "exacto"];

    private static readonly string[] Quantizations =
        ["int4", "int8", "fp4", "fp6", "fp8", "fp16", "bf16", "fp32", "unknown", "mxfp4", "nvfp4", "mxfp8"];

    public static bool Read(ref RequestCursor cursor, out ProviderPreferences preferences)
    {
        preferences = ProviderPreferences.Default;
        if (!cursor.IsObject())
            return false;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, Members, out var member, closed: true))
        {
            if (!ReadMember(ref cursor, member, ref preferences))
                return false;
        }

        return cursor.Ok;
    }

    private static bool ReadMember(ref RequestCursor cursor, Member member, ref ProviderPreferences preferences)
    {
        bool ok, flag;
        IReadOnlyList<string> slugs;
        switch (member)
        {
            case Member.Order:
                ok = ReadSlugs(ref cursor, out slugs);
                preferences = preferences with { Order = slugs };
                return ok;
            case Member.Only:
                ok = ReadSlugs(ref cursor, out slugs);
                preferences = preferences with { Only = slugs };
                return ok;
            case Member.Ignore:
                ok = ReadSlugs(ref cursor, out slugs);
                preferences = preferences with { Ignore = slugs };
                return ok;
            case Member.AllowFallbacks:
                ok = cursor.ReadBoolean(out flag);
                preferences = preferences with { AllowFallbacks = flag };
                return ok;
            case Member.RequireParameters:
                ok = cursor.ReadBoolean(out flag);
                preferences = preferences with { RequireParameters = flag };
                return ok;
            case Member.DataCollection:
                ok = cursor.ReadWord(["allow", "deny"], out var collection);
                preferences = preferences with { DenyDataCollection = collection == "deny" };
                return ok;
            case Member.Zdr:
                ok = cursor.ReadBoolean(out flag);
                preferences = preferences with { Zdr = flag };
                return ok;
            case Member.EnforceDistillableText:
                ok = cursor.ReadBoolean(out flag);
                preferences = preferences with { EnforceDistillableText = flag };
                return ok;
            case Member.Quantizations:
                ok = ReadQuantizations(ref cursor, out slugs);
                preferences = preferences with { Quantizations = slugs };
                return ok;
            case Member.Sort:
                return ReadSort(ref cursor, ref preferences);
            case Member.MaxPrice:
                ok = MaxPriceReader.Read(ref cursor, out var prices);
                preferences = preferences with { MaxPrice = prices };
                return ok;
            case Member.MinThroughput:
                ok = cursor.ReadNumber(0, double.MaxValue, out var throughput);
                preferences = preferences with { MinThroughput = throughput };
                return ok;
            case Member.MaxLatency:
                ok = cursor.ReadNumber(0, double.MaxValue, out var latency);
                preferences = preferences with { MaxLatency = latency };
                return ok;
            case Member.PreferredMinThroughput:
                ok = ReadCutoffs(ref cursor, out var slowest);
                preferences = preferences with { PreferredMinThroughput = slowest };
                return ok;
            case Member.PreferredMaxLatency:
                ok = ReadCutoffs(ref cursor, out var latest);
                preferences = preferences with { PreferredMaxLatency = latest };
                return ok;
            case Member.Continuity:
                ok = cursor.ReadWord(["none", "restart"], out var continuity);
                preferences = preferences with { RestartsStreams = continuity == "restart" };
                return ok;
            case Member.ContinuityHold:
                ok = ContinuityHoldReader.Read(ref cursor, out var hold);
                preferences = preferences with { Hold = hold };
                return ok;
            default:
                return cursor.SkipObject();
        }
    }

    private static bool ReadSlugs(ref RequestCursor cursor, out IReadOnlyList<string> slugs)
    {
        if (!cursor.ReadStrings(MostSlugs, LongestSlug, out slugs))
            return false;
        if (slugs is List<string> list)
        {
            for (var i = 0; i < list.Count; i++)
                list[i] = list[i].ToLowerInvariant();
        }

        return true;
    }

    private static bool ReadQuantizations(ref RequestCursor cursor, out IReadOnlyList<string> values)
    {
        values = [];
        if (!cursor.IsArray())
            return false;
        var list = new List<string>();
        while (cursor.NextElement())
        {
            if (!cursor.ReadWord(Quantizations, out var value))
                return false;
            if (!list.Contains(value))
                list.Add(value);
        }

        values = list;
        return cursor.Ok;
    }

    private static bool ReadSort(ref RequestCursor cursor, ref ProviderPreferences preferences)
    {
        string? sort = null;
        string? partition = null;
        if (cursor.Kind == JsonTokenType.String)
        {
            if (!cursor.ReadWord(Sorts, out sort))
                return false;
        }
        else
        {
            if (!cursor.IsObject())
                return false;
            var seen = default(KeySet);
            while (cursor.NextMember(ref seen, SortMembers, out var member))
            {
                if (member == SortMember.By ? !cursor.ReadWord(Sorts, out sort) : !cursor.ReadWord(["model", "none"], out partition))
                    return false;
            }
        }

        preferences = preferences with { Sort = sort, SortPartition = partition };
        return cursor.Ok;
    }

    /// <summary>A number, which is one of the median, or one per percentile.</summary>
    private static bool ReadCutoffs(ref RequestCursor cursor, out Cutoffs? cutoffs)
    {
        cutoffs = null;
        double number;
        if (cursor.Kind == JsonTokenType.Number)
        {
            var ok = cursor.ReadNumber(0, double.MaxValue, out number);
            cutoffs = new Cutoffs(number);
            return ok;
        }

        if (!cursor.IsObject())
            return false;
        var read = new Cutoffs(null);
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, PercentileMembers, out var member, closed: true))
        {
            if (!cursor.ReadNumber(0, double.MaxValue, out number))
                return false;
            read = member switch
            {
                PercentileMember.P50 => read with { P50 = number },
                PercentileMember.P75 => read with { P75 = number },
                PercentileMember.P90 => read with { P90 = number },
                _ => read with { P99 = number },
            };
        }

        cutoffs = read;
        return cursor.Ok;
    }
}

using System.Text.RegularExpressions;

namespace Fairlead.Catalog.Configuration;

/// <summary>Reads the <c>inference.moderation</c> object: <c>{service, model, images, rules: [{reason, pattern}]}</c>.</summary>
internal static class ModerationOptionsReader
{
    private const int MostRules = 500;

    // The engine is linear; this bounds a whole conversation against a machine that is too slow for its patterns.
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    private static readonly MemberNames Members = new("moderation", "service", "model", "images", "rules");
    private static readonly MemberNames RuleMembers = new("a rule", "reason", "pattern");

    public static void Read(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            Func<ModerationOptions, ModerationOptions>? change = name switch
            {
                "service" => OutsideServiceReader.Read(ref json) is { } service ? o => o with { Service = service(o.Service) } : null,
                "model" => json.Text(200) is { } model ? o => o with { Model = model } : null,
                "images" => json.Flag() is { } images ? o => o with { Images = images } : null,
                _ => Rules(ref json) is { } rules ? o => o with { Rules = rules } : null,
            };
            if (change is not null)
                changes.Add(o => o with { Moderation = change(o.Moderation) });
        }
    }

    private static List<ModerationRule>? Rules(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.IsNull || !json.EnterList())
            return null;
        var rules = new List<ModerationRule>();
        while (json.NextElement())
        {
            if (Rule(ref json) is { } rule)
                rules.Add(rule);
        }

        if (rules.Count <= MostRules)
            return rules;
        json.Report(at, $"must have at most {MostRules} rules.");
        return null;
    }

    private static ModerationRule? Rule(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (!json.EnterObject())
            return null;
        string? reason = null;
        Regex? pattern = null;
        var mistaken = false;
        while (json.NextMember(RuleMembers, out var name))
        {
            if (name == "reason")
            {
                reason = json.Text(100);
                mistaken |= reason is null;
            }
            else
            {
                pattern = Pattern(ref json);
                mistaken |= pattern is null;
            }
        }

        if (reason is not null && pattern is not null)
            return new ModerationRule(reason, pattern);
        if (!mistaken)
            json.Report(at, "must have a reason and a pattern.");
        return null;
    }

    private static Regex? Pattern(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.Text(1000) is not { } text)
            return null;
        try
        {
            return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, LongestMatch);
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            json.Report(at, "must be a regular expression without look-around and back references.");
            return null;
        }
    }
}

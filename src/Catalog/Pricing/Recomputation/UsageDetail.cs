using System.Globalization;
using System.Text;
using Fairlead.Catalog.Snapshot;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Pricing.Recomputation;

/// <summary>
/// What a charge depends on beyond the counts that a generation has columns for, as a short text: <c>cache_write=1200,images=2</c>. Counts that are zero are
/// left out, except billed ones, so it is empty for most answers. What a plugin charged is <c>plugin.web=5*4000000000</c>: the count and the price of one.
/// <c>moderation_ms</c> and <c>tier</c> stand beside them and change no charge.
/// </summary>
public static class UsageDetail
{
    private const string PluginPrefix = "plugin.";
    private const string Moderation = "moderation_ms";
    private const string Tier = "tier";

    /// <summary>The text for an answer.</summary>
    /// <param name="usage">Its counts, as they were charged.</param>
    /// <param name="context">What else its price depended on.</param>
    /// <param name="feePpm">The fee for the caller's own provider key in millionths of the list price.</param>
    /// <param name="plugins">What plugins charged.</param>
    public static string Write(in Usage usage, in PricingContext context, int feePpm, IReadOnlyList<PluginFee> plugins)
    {
        if (context is { Images: 0, Turns: 0 } && feePpm == 0 && plugins.Count == 0 && usage is { BilledPromptTokens: null, BilledCompletionTokens: null }
            && (usage.CacheWriteTokens | usage.CacheWrite1hTokens | usage.AudioPromptTokens | usage.CachedAudioTokens | usage.ImagePromptTokens
                | usage.CachedImageTokens | usage.AudioCompletionTokens) == 0)
        {
            return "";
        }

        var text = new StringBuilder();
        Add(text, "cache_write", usage.CacheWriteTokens);
        Add(text, "cache_write_1h", usage.CacheWrite1hTokens);
        Add(text, "audio", usage.AudioPromptTokens);
        Add(text, "cached_audio", usage.CachedAudioTokens);
        Add(text, "image_tokens", usage.ImagePromptTokens);
        Add(text, "cached_image_tokens", usage.CachedImageTokens);
        Add(text, "audio_out", usage.AudioCompletionTokens);
        // Nothing billed is not the same as nothing said about it.
        AddSaid(text, "billed_prompt", usage.BilledPromptTokens);
        AddSaid(text, "billed_completion", usage.BilledCompletionTokens);
        Add(text, "images", context.Images);
        Add(text, "turns", context.Turns);
        AddSaid(text, "largest_prompt", context.LargestPrompt);
        Add(text, "fee_ppm", feePpm);
        foreach (var fee in plugins)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(text.Length == 0 ? "" : ",")}{PluginPrefix}{fee.Id}={fee.Count}*{fee.Each.PicoDollars}");
        }

        return text.ToString();
    }

    /// <summary>The text with the milliseconds that judging the input took; the same where it was not judged.</summary>
    public static string WithModeration(string text, int? milliseconds) =>
        milliseconds is { } took ? string.Create(CultureInfo.InvariantCulture, $"{text}{(text.Length == 0 ? "" : ",")}{Moderation}={took}") : text;

    /// <summary>The text with the service tier that answered; the same for the tier everybody has.</summary>
    public static string WithTier(string text, ServiceTier tier) =>
        tier == ServiceTier.Default ? text : string.Create(CultureInfo.InvariantCulture, $"{text}{(text.Length == 0 ? "" : ",")}{Tier}={(int)tier}");

    /// <summary>The milliseconds that judging the input took; null where it was not judged.</summary>
    public static int? ModerationMs(string? text) => Find(text, Moderation);

    /// <summary>The service tier that answered, as the contract names it; null for the tier everybody has.</summary>
    public static string? TierName(string? text) => Find(text, Tier) is { } tier ? ServiceTiers.WireName((ServiceTier)tier) : null;

    private static int? Find(string? text, string name)
    {
        foreach (var part in (text ?? "").Split(','))
        {
            if (part.StartsWith(name, StringComparison.Ordinal) && part.Length > name.Length && part[name.Length] == '='
                && int.TryParse(part.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
        }

        return null;
    }

    /// <summary>Reads what <see cref="Write"/> wrote into counts that hold the rest. False for a text that it cannot have written.</summary>
    public static bool TryRead(string text, ref Usage usage, ref PricingContext context, out int feePpm, out IReadOnlyList<PluginFee> plugins)
    {
        var fees = new List<PluginFee>(0);
        (feePpm, plugins) = (0, fees);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.StartsWith(PluginPrefix, StringComparison.Ordinal))
            {
                if (ReadFee(part.AsSpan(PluginPrefix.Length)) is not { } fee)
                    return false;
                fees.Add(fee);
                continue;
            }

            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !long.TryParse(part.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return false;
            switch (part[..equals])
            {
                case "cache_write":
                    usage = usage with { CacheWriteTokens = count };
                    break;
                case "cache_write_1h":
                    usage = usage with { CacheWrite1hTokens = count };
                    break;
                case "audio":
                    usage = usage with { AudioPromptTokens = count };
                    break;
                case "cached_audio":
                    usage = usage with { CachedAudioTokens = count };
                    break;
                case "image_tokens":
                    usage = usage with { ImagePromptTokens = count };
                    break;
                case "cached_image_tokens":
                    usage = usage with { CachedImageTokens = count };
                    break;
                case "audio_out":
                    usage = usage with { AudioCompletionTokens = count };
                    break;
                case "billed_prompt":
                    usage = usage with { BilledPromptTokens = count };
                    break;
                case "billed_completion":
                    usage = usage with { BilledCompletionTokens = count };
                    break;
                case Moderation or Tier:
                    break;
                case "images" when count <= int.MaxValue:
                    context = context with { Images = (int)count };
                    break;
                case "turns" when count <= int.MaxValue:
                    context = context with { Turns = (int)count };
                    break;
                case "largest_prompt":
                    context = context with { LargestPrompt = count };
                    break;
                case "fee_ppm" when count <= 1_000_000:
                    feePpm = (int)count;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static PluginFee? ReadFee(ReadOnlySpan<char> text)
    {
        var (equals, times) = (text.IndexOf('='), text.IndexOf('*'));
        return equals > 0 && times > equals
            && long.TryParse(text[(equals + 1)..times], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && long.TryParse(text[(times + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var each)
            ? new PluginFee(text[..equals].ToString(), count, new Credits(each))
            : null;
    }

    private static void Add(StringBuilder text, string name, long count)
    {
        if (count != 0)
            AddSaid(text, name, count);
    }

    private static void AddSaid(StringBuilder text, string name, long? said)
    {
        if (said is { } count)
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append('=').Append(count.ToString(CultureInfo.InvariantCulture));
    }
}

using System.Globalization;

namespace Fairlead.Simulator.Faults;

/// <summary>Reads <c>status=503&amp;times=2</c>.</summary>
internal static class FaultParser
{
    private const int LongestDelayMs = 600_000;
    private const int LongestAnswer = 200_000;

    /// <summary>Reads <paramref name="text"/> over <paramref name="plan"/>. An unknown key is an error: a typing mistake would otherwise test nothing.</summary>
    public static FaultPlan Parse(string text, FaultPlan plan, out string? error)
    {
        error = null;
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var cut = pair.IndexOf('=');
            var key = cut < 0 ? pair : pair[..cut];
            var value = cut < 0 ? "1" : Uri.UnescapeDataString(pair[(cut + 1)..]);
            if (Apply(plan, key, value) is { } next)
            {
                plan = next;
            }
            else
            {
                error = $"simulator: cannot read the fault '{pair}'";
                return plan;
            }
        }

        return plan;
    }

    private static FaultPlan? Apply(FaultPlan plan, string key, string value) => key switch
    {
        "status" => Number(value, 100, 599) is { } n ? plan with { Status = n } : null,
        "times" => Number(value, 0, int.MaxValue) is { } n ? plan with { Times = n } : null,
        "retry_after" => Number(value, 0, 86_400) is { } n ? plan with { RetryAfter = n } : null,
        "first_token_ms" => Number(value, 0, LongestDelayMs) is { } n ? plan with { FirstToken = TimeSpan.FromMilliseconds(n) } : null,
        "token_ms" => Number(value, 0, LongestDelayMs) is { } n ? plan with { PerToken = TimeSpan.FromMilliseconds(n) } : null,
        "stall_after" => Number(value, 0, int.MaxValue) is { } n ? plan with { StallAfter = n } : null,
        "cut_after" => Number(value, 0, int.MaxValue) is { } n ? plan with { CutAfter = n } : null,
        "malformed_after" => Number(value, 0, int.MaxValue) is { } n ? plan with { MalformedAfter = n } : null,
        "truncate_utf8_after" => Number(value, 0, int.MaxValue) is { } n ? plan with { TruncateUtf8After = n } : null,
        "bad_utf8_after" => Number(value, 0, int.MaxValue) is { } n ? plan with { BadUtf8After = n } : null,
        "bad_crc_after" => Number(value, 0, int.MaxValue) is { } n ? plan with { BadCrcAfter = n } : null,
        "error_after" => Number(value, 0, int.MaxValue) is { } n ? plan with { ErrorAfter = n } : null,
        "lie_length" => Number(value, -1_000_000, 1_000_000) is { } n ? plan with { LieLength = n } : null,
        "echo_length" => Number(value, 0, LongestAnswer) is { } n ? plan with { EchoLength = n } : null,
        "tokens" => Number(value, 0, LongestAnswer) is { } n ? plan with { Tokens = n } : null,
        "big_event" => Number(value, 1, 64 << 20) is { } n ? plan with { BigEvent = n } : null,
        "context" => Number(value, 1, int.MaxValue) is { } n ? plan with { ContextLength = n } : null,
        "content_type" => value.Length > 0 && value.All(c => c is >= ' ' and < '\x7f') ? plan with { ContentType = value } : null,
        "redirect" => Uri.TryCreate(value, UriKind.Absolute, out _) ? plan with { Redirect = value } : null,
        "body" => value is "html" or "text" or "empty" ? plan with { Body = value } : null,
        _ => Flag(value) is { } on ? ApplyFlag(plan, key, on) : null,
    };

    private static FaultPlan? ApplyFlag(FaultPlan plan, string key, bool on) => key switch
    {
        "no_usage" => plan with { NoUsage = on },
        "default_tier" => plan with { DefaultTier = on },
        "no_done" => plan with { NoDone = on },
        "error_in_200" => plan with { ErrorIn200 = on },
        "negative_usage" => plan with { NegativeUsage = on },
        "huge_usage" => plan with { HugeUsage = on },
        "gzip" => plan with { Gzip = on },
        "crlf" => plan with { Crlf = on },
        "no_space" => plan with { NoSpace = on },
        "comments" => plan with { Comments = on },
        "one_byte" => plan with { OneByte = on },
        "never_close" => plan with { NeverClose = on },
        "late_headers" => plan with { LateHeaders = on },
        "cut_headers" => plan with { CutHeaders = on },
        "hang" => plan with { Hang = on },
        "filter" => plan with { Filter = on },
        "refusal" => plan with { Refusal = on },
        "empty" => plan with { Empty = on },
        "redacted" => plan with { Redacted = on },
        "wrong_arguments" => plan with { WrongArguments = on },
        "strict" => plan with { Strict = on },
        _ => null,
    };

    private static int? Number(string value, int least, int most) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most ? n : null;

    private static bool? Flag(string value) => value switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        _ => null,
    };
}

namespace Fairlead.Catalog.Configuration;

/// <summary>Reads <c>inference.circuit</c>.</summary>
internal static class CircuitOptionsReader
{
    private static readonly MemberNames Members = new(
        "circuit", "failures", "failure_percent", "min_attempts", "first_probe_s", "probe_every_s", "broken_probe_s", "outage_failures");

    public static void Read(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            Func<CircuitOptions, CircuitOptions>? change = name switch
            {
                "failures" => json.Whole(1, 1000) is { } failures ? o => o with { Failures = (int)failures } : null,
                "failure_percent" => json.Whole(1, 100) is { } percent ? o => o with { FailurePercent = (int)percent } : null,
                "min_attempts" => json.Whole(1, 1_000_000) is { } attempts ? o => o with { MinAttempts = (int)attempts } : null,
                "first_probe_s" => Seconds(ref json) is { } time ? o => o with { FirstProbe = time } : null,
                "probe_every_s" => Seconds(ref json) is { } time ? o => o with { ProbeEvery = time } : null,
                "broken_probe_s" => Seconds(ref json) is { } time ? o => o with { BrokenProbe = time } : null,
                _ => json.Whole(1, 1000) is { } failures ? o => o with { OutageFailures = (int)failures } : null,
            };
            if (change is not null)
                changes.Add(options => options with { Circuit = change(options.Circuit) });
        }
    }

    private static TimeSpan? Seconds(ref ConfigurationCursor json) => OptionsReader.Seconds(ref json, 0.1m, 3600);
}

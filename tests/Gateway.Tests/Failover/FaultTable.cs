using System.Globalization;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary>
/// What a provider may do, and a configuration in which it does it: each fault in each dialect, with another endpoint beside it, with only the next model
/// behind it, and alone. Every case has a model of its own, so that no case sees the circuit of another.
/// </summary>
internal static class FaultTable
{
    public static readonly string[] Protocols = ["openai-chat", "anthropic-messages", "gemini", "cohere", "ollama", "openai-responses"];

    /// <summary>Before the first event of an answer, or instead of it.</summary>
    public static readonly Fault[] Before =
    [
        new("nobody listens", "", "unreachable"),
        new("resets the connection before the status line", "cut_headers=1"),
        new("sends nothing", "hang=1", "hasty"),
        new("sends headers, then nothing", "stall_after=0", "hasty"),
        new("sends headers, then resets", "cut_after=0"),
        new("500", "status=500"),
        new("502", "status=502"),
        new("503", "status=503"),
        new("504", "status=504"),
        new("529", "status=529"),
        new("a wrong content type", "content_type=text/html"),
        new("200 with an error body or first event", "error_in_200=1"),
        new("an unreadable body or first event", "malformed_after=0"),
        new("no content, but a finish", "empty=1") { Says = "" },
        new("429, `Retry-After: 1`, once", "status=429&retry_after=1&times=1"),
        new("429, `Retry-After: 30`", "status=429&retry_after=30"),
        new("400", "status=400"),
        new("400, the prompt is too long", "context=3"),
        new("413", "status=413"),
        new("422", "status=422"),
        new("401", "status=401"),
        new("402", "status=402"),
        new("403", "status=403"),
        new("404", "status=404"),
    ];

    /// <summary>After it.</summary>
    public static readonly Fault[] After =
    [
        new("resets in the middle", "cut_after=6"),
        new("stops sending in the middle", "stall_after=6", "hasty"),
        new("an event that cannot be parsed (a whole body: half of it)", "malformed_after=6"),
        new("ends inside a character", "truncate_utf8_after=6"),
        new("an error event", "error_after=6"),
        new("never ends after the last event", "never_close=1", "hasty"),
        new("no terminator", "no_done=1"),
        new("no usage", "no_usage=1"),
        new("a `Content-Length` too large by 5", "lie_length=5"),
    ];

    public static IEnumerable<Fault> All => [.. Before, .. After];

    public static string Model(string protocol, int fault, bool stream, Company company) =>
        $"{protocol}/f{fault.ToString(CultureInfo.InvariantCulture)}-{(stream ? "stream" : "whole")}-{company}".ToLowerInvariant();

    public static string Config()
    {
        var providers = new JsonArray();
        var models = new JsonArray();
        foreach (var protocol in Protocols)
        {
            providers.Add(Provider(protocol, "steady", 30));
            providers.Add(Provider(protocol, "hasty", 1.5));
            providers.Add(Provider(protocol, "unreachable", 30));
            providers.Add(Provider(protocol, "second", 30));
            models.Add(ModelEntry($"{protocol}/healthy", Endpoint(protocol, "second", "sim?tokens=50", 2)));
            var n = 0;
            foreach (var fault in All)
            {
                foreach (var stream in (bool[])[true, false])
                {
                    foreach (var company in Enum.GetValues<Company>())
                    {
                        var id = Model(protocol, n, stream, company);
                        var failing = Endpoint(protocol, fault.Provider, $"sim-{id}?tokens=50&{fault.Keys}".TrimEnd('&'), 1);
                        models.Add(company == Company.AnotherEndpoint
                            ? ModelEntry(id, failing, Endpoint(protocol, "second", "sim?tokens=50", 2))
                            : ModelEntry(id, failing));
                    }
                }

                n++;
            }
        }

        return new JsonObject { ["providers"] = providers, ["models"] = models }.ToJsonString();
    }

    private static JsonObject Provider(string protocol, string name, double seconds) => new()
    {
        ["slug"] = $"{name}-{protocol}",
        ["name"] = name,
        ["protocol"] = protocol,
        ["base_url"] = name == "unreachable" ? "http://127.0.0.1:9" : "SIMULATOR/" + (protocol == "gemini" ? "v1beta" : "v1"),
        ["api_key"] = "key",
        ["allow_private_network"] = true,
        ["timeouts"] = new JsonObject { ["first_token_s"] = seconds, ["between_tokens_s"] = seconds, ["total_s"] = 60 },
    };

    private static JsonObject ModelEntry(string id, params JsonNode[] endpoints) => new()
    {
        ["id"] = id, ["name"] = id, ["context_length"] = 100_000, ["endpoints"] = new JsonArray(endpoints),
    };

    private static JsonObject Endpoint(string protocol, string provider, string upstream, int price) => new()
    {
        ["provider"] = $"{provider}-{protocol}",
        ["model"] = upstream,
        ["max_completion_tokens"] = 8000,
        ["can_abort"] = true,
        ["pricing"] = new JsonObject
        {
            ["prompt"] = (price * 0.000001m).ToString(CultureInfo.InvariantCulture), ["completion"] = (price * 0.000002m).ToString(CultureInfo.InvariantCulture),
        },
        ["supported_parameters"] = new JsonArray("max_tokens"),
    };
}

/// <summary>One thing a provider may do.</summary>
/// <param name="What">In words: a row of the table.</param>
/// <param name="Keys">The simulator's keys for it.</param>
/// <param name="Provider"><c>steady</c> waits long, <c>hasty</c> a second and a half, <c>unreachable</c> is not there.</param>
internal sealed record Fault(string What, string Keys, string Provider = "steady")
{
    /// <summary>What it says where its answer is whole; null: what a healthy provider says.</summary>
    public string? Says { get; init; }
}

/// <summary>Who else could answer.</summary>
internal enum Company
{
    AnotherEndpoint,
    NextModel,
    Nobody,
}

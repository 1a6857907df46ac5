using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary><c>stop_server_tools_when</c> (routing §16): any of these, and the model is asked for its last word.</summary>
internal sealed record StopConditions
{
    private const string Path = "stop_server_tools_when";

    /// <summary>Turns so far.</summary>
    public int? Steps { get; private init; }
    /// <summary>A tool was called.</summary>
    public IReadOnlyList<string> Tools { get; private init; } = [];
    /// <summary>Tokens of all turns.</summary>
    public long? Tokens { get; private init; }
    /// <summary>Dollars of all turns at list price, and what plugins and tools cost.</summary>
    public decimal? Dollars { get; private init; }
    /// <summary>How a turn ended.</summary>
    public IReadOnlyList<string> Finishes { get; private init; } = [];

    /// <summary>There are some: they stand in for the caller's number of calls.</summary>
    public bool Any { get; private init; }

    public static bool TryRead(CanonicalRequest request, out StopConditions conditions, [NotNullWhen(false)] out GatewayError? error)
    {
        (conditions, error) = (new StopConditions(), null);
        using var document = JsonDocument.Parse(request.Body);
        if (!document.RootElement.TryGetProperty(Path, out var list) || list.ValueKind != JsonValueKind.Array)
            return true;
        conditions = conditions with { Any = true };
        foreach (var item in list.EnumerateArray())
        {
            if (conditions.With(item) is not { } more)
            {
                error = GatewayError.Invalid(
                    $"{Path} must hold {{type: step_count_is, step_count}}, {{type: has_tool_call, tool_name}}, {{type: max_tokens_used, max_tokens}}, {{type: max_cost, max_cost_in_dollars}} or {{type: finish_reason_is, reason}}.",
                    Path);
                return false;
            }

            conditions = more;
        }

        return true;
    }

    private StopConditions? With(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || Text(item, "type") is not { } type)
            return null;
        return type switch
        {
            "step_count_is" when Number(item, "step_count") is { } steps && steps >= 1 => this with { Steps = (int)Math.Min(steps, 1000) },
            "has_tool_call" when Text(item, "tool_name") is { } name => this with { Tools = [.. Tools, name] },
            "max_tokens_used" when Number(item, "max_tokens") is { } tokens && tokens >= 1 => this with { Tokens = (long)Math.Min(tokens, 1_000_000_000) },
            "max_cost" when Number(item, "max_cost_in_dollars") is { } dollars && dollars > 0 => this with { Dollars = dollars },
            "finish_reason_is" when Text(item, "reason") is { } reason => this with { Finishes = [.. Finishes, reason] },
            _ => null,
        };
    }

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static decimal? Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number : null;
}

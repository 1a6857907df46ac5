using System.Globalization;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Console.Models;

/// <summary>
/// The query of the model lists (platform §3.1), read and checked. Empty and absent mean the same; unknown members are ignored. Where the catalog has
/// no data for a filter (categories, benchmark indices, success rates, distillation), no model passes it.
/// </summary>
internal sealed record ModelQuery
{
    public const int MaxLimit = 1000;
    public const int DefaultLimit = 500;
    private const int MaxLength = 2000;

    private static readonly string[] Sorts =
    [
        "most-popular", "newest", "top-weekly", "pricing-low-to-high", "pricing-high-to-low", "context-high-to-low", "throughput-high-to-low",
        "latency-low-to-high", "intelligence-high-to-low", "coding-high-to-low", "agentic-high-to-low", "design-arena-elo-high-to-low",
    ];

    private static readonly string[] Unrated =
    [
        "min_intelligence_index", "max_intelligence_index", "min_coding_index", "max_coding_index", "min_agentic_index", "max_agentic_index",
        "min_tool_success_rate", "max_tool_success_rate",
    ];

    /// <summary>Words that id or name must hold.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
    /// <summary>Parameters the model must take, all of them (P7).</summary>
    public IReadOnlyList<string> SupportedParameters { get; init; } = [];
    /// <summary>Modalities of which it must read all; empty is any.</summary>
    public IReadOnlyList<string> InputModalities { get; init; } = [];
    /// <summary>Modalities of which it must write one; empty is any.</summary>
    public IReadOnlyList<string> OutputModalities { get; init; } = ["text"];
    /// <summary>Tokenizer groups.</summary>
    public IReadOnlyList<string> Families { get; init; } = [];
    /// <summary>First parts of ids.</summary>
    public IReadOnlyList<string> Authors { get; init; } = [];
    /// <summary>Names or slugs of providers.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];
    /// <summary><c>eu</c>, <c>us</c> or null.</summary>
    public string? Region { get; init; }
    /// <summary>Only models with an endpoint of zero retention.</summary>
    public bool Zdr { get; init; }
    /// <summary>Whether the author allows distillation (no word of it is no, P56); null for either.</summary>
    public bool? Distillable { get; init; }
    /// <summary>A filter was given for which the catalog knows nothing about any model.</summary>
    public bool AsksForUnknownData { get; init; }
    /// <summary>Least context, in tokens.</summary>
    public long? MinContext { get; init; }
    /// <summary>Prompt price, US dollars per million tokens.</summary>
    public (decimal? Min, decimal? Max) PromptPrice { get; init; }
    /// <summary>Completion price, US dollars per million tokens.</summary>
    public (decimal? Min, decimal? Max) CompletionPrice { get; init; }
    /// <summary>Days since the model was added.</summary>
    public (long? Min, long? Max) AgeDays { get; init; }
    /// <summary>A value of the enumeration, or null for newest first.</summary>
    public string? Sort { get; init; }
    /// <summary>Rows skipped.</summary>
    public int Offset { get; init; }
    /// <summary>Most rows; null gives all (paging was not asked for).</summary>
    public int? Limit { get; init; }
    /// <summary>Answer a feed.</summary>
    public bool Rss { get; init; }
    /// <summary>Feed items link to the chat room.</summary>
    public bool ChatLinks { get; init; }

    /// <summary>Reads a query, or says which member is wrong.</summary>
    public static (ModelQuery? Query, GatewayError? Error) Read(IQueryCollection query)
    {
        var read = new Members(query);
        var limit = read.Integer("limit", 1, MaxLimit);
        var offset = read.Integer("offset", 0, int.MaxValue);
        var result = new ModelQuery
        {
            Words = read.Text("q")?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
            SupportedParameters = read.List("supported_parameters"),
            InputModalities = read.Modalities("input_modalities") ?? [],
            OutputModalities = read.Modalities("output_modalities") ?? ["text"],
            Families = read.List("arch"),
            Authors = read.List("model_authors"),
            Providers = read.List("providers"),
            Region = read.OneOf("region", "eu", "us"),
            Zdr = read.OneOf("zdr", "true", "false") == "true",
            Distillable = read.OneOf("distillable", "true", "false") is { } distillable ? distillable == "true" : null,
            AsksForUnknownData = read.Text("category") is not null
                | Unrated.Any(name => read.Number(name) is not null),
            MinContext = read.Integer("context", 0, int.MaxValue),
            PromptPrice = (read.Number("min_price"), read.Number("max_price")),
            CompletionPrice = (read.Number("min_output_price"), read.Number("max_output_price")),
            AgeDays = (read.Integer("min_age_days", 0, int.MaxValue), read.Integer("max_age_days", 0, int.MaxValue)),
            Sort = read.OneOf("sort", Sorts),
            Offset = (int)(offset ?? 0),
            Limit = limit is null && offset is null ? null : (int)(limit ?? DefaultLimit),
            Rss = read.Text("use_rss") == "true",
            ChatLinks = read.Text("use_rss_chat_links") == "true",
        };
        return read.Error is { } error ? (null, error) : (result, null);
    }

    /// <summary>Reads members one by one and keeps the first mistake.</summary>
    private sealed class Members(IQueryCollection query)
    {
        public GatewayError? Error { get; private set; }

        public string? Text(string name)
        {
            var values = query.TryGetValue(name, out var found) ? found : StringValues.Empty;
            string? text = values.Count > 1 ? string.Join(',', values!) : values;
            if (string.IsNullOrWhiteSpace(text))
                return null;
            if (text.Length > MaxLength)
                Fail(name, $"may be at most {MaxLength} characters long.");
            return text.Trim();
        }

        public string[] List(string name) =>
            Text(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

        /// <summary>Null when absent; empty for <c>all</c>.</summary>
        public string[]? Modalities(string name) => List(name) switch
        {
            [] => null,
            var list when list.Contains("all", StringComparer.OrdinalIgnoreCase) => [],
            var list => list,
        };

        public string? OneOf(string name, params ReadOnlySpan<string> known)
        {
            if (Text(name) is not { } text)
                return null;
            if (known.Contains(text))
                return text;
            Fail(name, $"must be one of: {string.Join(", ", known.ToArray())}.");
            return null;
        }

        public long? Integer(string name, long min, long max)
        {
            if (Text(name) is not { } text || text == "null")
                return null;
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
                return value;
            Fail(name, max == int.MaxValue ? $"must be a whole number, at least {min}." : $"must be a whole number from {min} to {max}.");
            return null;
        }

        public decimal? Number(string name)
        {
            if (Text(name) is not { } text || text == "null")
                return null;
            if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value) && value >= 0)
                return value;
            Fail(name, "must be a number, at least 0.");
            return null;
        }

        private void Fail(string name, string what) => Error ??= GatewayError.Invalid($"Invalid request parameters: {name} {what}", name);
    }
}

using System.Text.Json;
using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Plugins.WebSearch;
using Fairlead.Ledger;
using Tools = Fairlead.Protocols.Canonical.ServerTools;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary><c>openrouter:web_search</c>: a search by the operator's service, as often as the model asks within the caller's limits. Paid by result.</summary>
internal sealed class WebSearchTool(SearchClient client, WebSearchSettings settings, int? mostUses, int mostResults, int? mostCharacters) : ServerTool(Tools.WebSearch, mostUses)
{
    private const int LongestQuery = 400;

    private readonly List<SearchResult> found = [];

    public override IReadOnlyList<SearchResult> Found => found;

    public override PluginFee? Fee => found.Count > 0 && settings.Service is { Price: > 0 } service ? new PluginFee(PluginFee.Web, found.Count, Credits.Exact(service.Price)) : null;

    protected override async ValueTask<string> RunAsync(PluginCall call, JsonElement arguments)
    {
        if (Text(arguments, "query") is not { } text)
            return Error("The argument query is missing.");
        var most = Math.Min(settings.MaxResults, mostResults - found.Count);
        if (most <= 0)
            return Error($"The searches for one request may bring {mostResults} results together, and have.");
        // The price of what may come is held before it is asked for.
        if (!await call.Admission.Hold.TryGrowAsync(Credits.Exact(settings.Service!.Price * most)))
            return Error("The caller's credits do not suffice for another search.");
        var query = SearchQuery.Of(text.Length <= LongestQuery ? text : text[..LongestQuery], most, settings);
        var outcome = settings.IsSearxng ? await client.SearxngAsync(settings.Service, query, call.Cancellation) : await client.ExaAsync(settings.Service, query, call.Cancellation);
        if (!outcome.Try(out var results, out var failed))
            return Error(failed.Message);
        found.AddRange(results);
        return Json(writer =>
        {
            writer.WriteStartArray("results"u8);
            foreach (var result in results)
            {
                writer.WriteStartObject();
                writer.WriteString("title"u8, result.Title);
                writer.WriteString("url"u8, result.Url);
                writer.WriteString("content"u8, mostCharacters is { } limit && result.Excerpt.Length > limit ? result.Excerpt[..limit] : result.Excerpt);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }
}

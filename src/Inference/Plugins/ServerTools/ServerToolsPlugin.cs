using System.Text.Json;
using Fairlead.Catalog.Configuration;
using Fairlead.Inference.Plugins.WebSearch;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Tools = Fairlead.Protocols.Canonical.ServerTools;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>
/// The tools the gateway runs (routing §16): no plugin a caller names, but what <c>tools</c> holds. The model calls them as functions;
/// <see cref="ServerToolLoop"/> answers it.
/// </summary>
internal sealed class ServerToolsPlugin(SearchClient search, PageReader pages) : IPlugin
{
    private const int MostDomains = 50;
    private const int LongestDomain = 253;
    private const int MostCalls = 30;

    public string Id => "server-tools";

    public GatewayError? Begin(in PluginStart start, out PluginRun? run)
    {
        run = null;
        var request = start.Request;
        if (request.ServerTools.Count == 0)
            return null;
        if (BeginNative(in start, out run) is { } refused)
            return refused;
        if (run is not null)
            return null;
        if (request.N > 1)
            return GatewayError.Invalid("n must be 1 together with tools that the gateway runs.", "n");
        var tools = new List<ServerTool>();
        foreach (var entry in request.ServerTools)
        {
            var options = Options(entry);
            ServerTool? tool = entry.Type switch
            {
                Tools.Datetime => DatetimeTool.Read(options),
                Tools.WebSearch => ReadSearch(options, request, start.Context.Catalog.Options.WebSearch),
                _ => ReadFetch(options),
            };
            if (options.Error is { } error)
                return error;
            tools.Add(tool!);
        }

        if (!StopConditions.TryRead(request, out var stop, out var wrong))
            return wrong;
        run = new ServerToolRun(Id, tools, stop.Any ? MostCalls : request.MaxToolCalls ?? MostCalls, stop);
        return null;
    }

    /// <summary>
    /// Leaves the search to the endpoints: where its engine is native, and where no engine is named, if every endpoint that may answer searches the web itself, no
    /// service is set up, or the caller names the vendor's own tool. It then is no tool that runs here.
    /// </summary>
    private GatewayError? BeginNative(in PluginStart start, out PluginRun? run)
    {
        run = null;
        var entries = start.Request.ServerTools;
        if (entries.FirstOrDefault(static entry => entry.Type == Tools.WebSearch) is not { } entry)
            return null;
        var options = Options(entry);
        var settings = WebSearchSettings.ReadTool(options, start.Request, start.Context.Catalog.Options.WebSearch);
        var (any, all, dearest) = NativeEndpoints.Among(start.Models);
        if (settings.Engine == SearchEngine.Native && entries.Count > 1)
            options.Fail("engine", "cannot be native beside other tools that the gateway runs");
        else if (settings.Engine == SearchEngine.Native && !any)
            options.Fail("engine", "is native, and no endpoint of the models asked for searches the web itself");
        var isLeft = settings.Engine switch
        {
            SearchEngine.Native => true,
            SearchEngine.Auto => entries.Count == 1 && any && (all || settings.Service is null || VendorSearch.IsIn(start.Request)),
            _ => false,
        };
        if (isLeft && options.Error is null)
            run = new WebSearchRun(search, settings with { Engine = SearchEngine.Native, Service = null }, dearest);
        return options.Error;
    }

    /// <summary>Under <c>parameters</c>, or beside the type as OpenAI writes it.</summary>
    private static PluginOptions Options(ServerToolEntry entry)
    {
        using var document = JsonDocument.Parse(entry.Json);
        var root = document.RootElement.Clone();
        var inside = root.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object;
        return new PluginOptions(inside ? $"tools.{entry.Type}.parameters" : $"tools.{entry.Type}", inside ? parameters : root, default);
    }

    private WebSearchTool? ReadSearch(PluginOptions options, CanonicalRequest request, WebSearchOptions services)
    {
        var settings = WebSearchSettings.ReadTool(options, request, services);
        if (options.Error is null && settings.Service is null)
            options.Fail("type", "needs a search service, and this gateway has none set up. Its operator can set EXA_API_KEY, or the address of a SearXNG (inference.web_search)");
        return options.Error is null
            ? new WebSearchTool(search, settings, options.Whole("max_uses", 1, 50), options.Whole("max_total_results", 1, 1000) ?? 50, options.Whole("max_characters", 1, 100_000))
            : null;
    }

    private WebFetchTool ReadFetch(PluginOptions options)
    {
        if (options.Word("engine", "auto", "native", "exa", "openrouter", "firecrawl", "parallel") is { } engine && engine is not ("auto" or "openrouter"))
            options.Fail("engine", "names a service this gateway does not have: it fetches itself, which is openrouter");
        return new WebFetchTool(
            pages, options.Whole("max_uses", 1, 50) ?? 50, options.Whole("max_content_tokens", 1, 1_000_000) ?? 25_000,
            options.Texts("allowed_domains", MostDomains, LongestDomain), options.Texts("blocked_domains", MostDomains, LongestDomain));
    }
}

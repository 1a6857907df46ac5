using System.Text.Json;
using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Route;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary>
/// One request's web search. Before the first endpoint is asked it is decided who searches:
/// <list type="bullet">
/// <item>the providers, where the caller says so, or where it says nothing and every endpoint that may answer can: each is then told in its own words;</item>
/// <item>else the operator's service, once: the results go before the last user message, whoever answers;</item>
/// <item>where no service is set up, the providers that can; the others are passed over.</item>
/// </list>
/// </summary>
internal sealed class WebSearchRun(SearchClient client, WebSearchSettings settings, decimal dearestNative) : PluginRun(PluginFee.Web)
{
    private const int LongestQuery = 400;

    private List<SearchResult>? results;
    private bool native;

    public override Credits WorstFee => Credits.Max(
        Credits.Exact((settings.Service?.Price ?? 0) * settings.MaxResults), Credits.Round(dearestNative * settings.MaxUses));

    public override bool ActsBefore => true;

    public override bool ActsPerEndpoint => true;

    /// <summary>Providers that search cite what they found themselves; their answers need not be touched.</summary>
    public override bool ActsOnAnswer => settings.Service is not null;

    public override PluginFee? Fee => results is { Count: > 0 } && settings.Service is { Price: > 0 } service ? new PluginFee(Id, results.Count, Credits.Exact(service.Price)) : null;

    public override async ValueTask<Outcome<CanonicalRequest>> BeforeAsync(PluginCall call, CanonicalRequest request)
    {
        native = settings.Service is not { } service || (settings.Engine == SearchEngine.Auto && AllSearch(call.Plan));
        if (native)
            return NativeSearchEdit.Apply(request, new NativeSearch(settings.ContextSize, settings.MaxUses, settings.IncludeDomains, settings.ExcludeDomains, settings.Location));
        if (Query(request) is not { Length: > 0 } text)
            return GatewayError.Invalid("Web search needs a user message with text to search for.", "messages");
        var query = SearchQuery.Of(text, settings.MaxResults, settings);
        var outcome = settings.IsSearxng ? await client.SearxngAsync(settings.Service!, query, call.Cancellation) : await client.ExaAsync(settings.Service!, query, call.Cancellation);
        if (!outcome.Try(out var found, out var failed))
            return failed;
        results = found;
        var messages = ChatMessages.Of(request);
        messages.Items.Insert(messages.LastOf("user"), ChatMessages.Write("system"u8, SearchPrompt.Of(settings.Prompt, found, call.Context.ArrivedAt)));
        var (changed, error) = messages.ApplyTo(request);
        return changed is null ? error! : changed;
    }

    public override ValueTask<EndpointShape> ForEndpointAsync(PluginCall call, CanonicalRequest request, RouteCandidate candidate)
    {
        if (native && NativeEndpoints.IsPerplexity(candidate.Endpoint) && request.Search is { Location: not null } search)
            return new(new EndpointShape(NativeSearchEdit.Apply(request, search, isFlat: true), null));
        if (!native || NativeEndpoints.Search(candidate.Endpoint))
            return new(new EndpointShape(request, null));
        return new(new EndpointShape(null, new UpstreamFailure
        {
            Kind = ErrorKind.InvalidRequest,
            Retry = RetryClass.Next,
            Message = $"{candidate.Endpoint.Provider.Name} does not search the web itself for {candidate.Model.Id}.",
        }));
    }

    public override IReadOnlyList<AnswerEvent> Annotate(string text) => results is null ? [] : CitedLinks.Of(results, text);

    public override bool WriteStage(Utf8JsonWriter json)
    {
        if (results is null && !native)
            return false;
        json.WriteString("type"u8, "plugin"u8);
        json.WriteString("name"u8, Id);
        json.WriteStartObject("data"u8);
        json.WriteString("engine"u8, native ? "native" : settings.IsSearxng ? "searxng" : "exa");
        if (results is not null)
            json.WriteNumber("results"u8, results.Count);
        json.WriteEndObject();
        if (Fee is { } fee)
            json.WriteNumber("cost_usd"u8, fee.Total.Dollars);
        return true;
    }

    private static bool AllSearch(RoutePlan plan) => Array.TrueForAll(plan.Attempts, index => NativeEndpoints.Search(plan.Candidates[index].Endpoint));

    /// <summary>The last user message's text, as much as a search takes .</summary>
    private static string Query(CanonicalRequest request)
    {
        var messages = request.Conversation.Messages;
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i].Role != Role.User)
                continue;
            var text = string.Join(' ', messages[i].Parts.OfType<TextPart>().Select(static part => part.Text)).Trim();
            return text.Length <= LongestQuery ? text : text[..(char.IsHighSurrogate(text[LongestQuery - 1]) ? LongestQuery - 1 : LongestQuery)];
        }

        return "";
    }
}

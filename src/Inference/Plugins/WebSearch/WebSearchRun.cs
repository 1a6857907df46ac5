using System.Buffers;
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

    public override bool ActsOnAnswer => true;

    public override PluginFee? Fee => results is { Count: > 0 } && settings.Service is { Price: > 0 } service ? new PluginFee(Id, results.Count, Credits.Exact(service.Price)) : null;

    public override async ValueTask<Outcome<CanonicalRequest>> BeforeAsync(PluginCall call, CanonicalRequest request)
    {
        native = settings.Service is not { } service || (settings.Engine == SearchEngine.Auto && AllSearch(call.Plan));
        if (native)
            return WithNative(request);
        if (Query(request) is not { Length: > 0 } text)
            return GatewayError.Invalid("Web search needs a user message with text to search for.", "messages");
        var query = new SearchQuery(text, settings.MaxResults, settings.IncludeDomains, settings.ExcludeDomains);
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
        if (!native || NativeEndpoints.Search(candidate.Endpoint))
            return new(new EndpointShape(request, null));
        return new(new EndpointShape(null, new UpstreamFailure
        {
            Kind = ErrorKind.InvalidRequest,
            Retry = RetryClass.NextOnce,
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

    /// <summary>Hosts that speak chat are told by a member of the body, others by what their own format has for it.</summary>
    private CanonicalRequest WithNative(CanonicalRequest request)
    {
        var size = ContextSize(request);
        var asked = (request.Used & ParameterSet.WebSearchOptions) != ParameterSet.None;
        var body = asked ? request.Body : WithMember(request.Body, "\"web_search_options\":{},"u8);
        return request.WithBody(body) with
        {
            Used = request.Used | ParameterSet.WebSearchOptions,
            Search = new NativeSearch(size, settings.MaxUses, settings.IncludeDomains, settings.ExcludeDomains),
        };
    }

    private static string? ContextSize(CanonicalRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        return body.RootElement.TryGetProperty("web_search_options", out var options) && options.ValueKind == JsonValueKind.Object
            && options.TryGetProperty("search_context_size", out var size) && size.ValueKind == JsonValueKind.String ? size.GetString() : null;
    }

    private static ReadOnlyMemory<byte> WithMember(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> member)
    {
        var open = body.Span.IndexOf((byte)'{') + 1;
        var output = new ArrayBufferWriter<byte>(body.Length + member.Length);
        output.Write(body.Span[..open]);
        output.Write(member);
        output.Write(body.Span[open..]);
        return output.WrittenMemory;
    }

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

using System.Text;
using System.Text.Json;
using Fairlead.Catalog.Configuration;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Errors;
using Fairlead.Storage.Outbound;

namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary>
/// Asks search services. What they send is no more trusted than what a provider sends: bounded in size, in time and in the number and length of results. Never
/// throws for what a service does.
/// </summary>
internal sealed class SearchClient : IDisposable
{
    private const int LongestAnswer = 4 << 20;
    private const int LongestTitle = 300;
    private const int LongestUrl = 2000;
    private const int LongestExcerpt = 2000;

    // The operator names the services, and a SearXNG of one's own mostly stands next door.
    private readonly HttpMessageInvoker invoker = new(GuardedConnect.CreateHandler(allowPrivate: true, TimeSpan.FromSeconds(5)));

    /// <summary>Exa's <c>POST /search</c>, with the text of each page.</summary>
    public async ValueTask<Outcome<List<SearchResult>>> ExaAsync(OutsideService service, SearchQuery query, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, service.BaseUrl + "/search")
        {
            Content = new StringContent(ExaBody(query), Encoding.UTF8, "application/json"),
        };
        message.Headers.TryAddWithoutValidation("x-api-key", service.ApiKey);
        return await AskAsync("Exa", service, message, query.MaxResults, static result => Highlights(result) ?? Text(result, "text"), cancellation);
    }

    /// <summary>SearXNG's <c>GET /search?format=json</c>, whose instance must have that format switched on.</summary>
    public async ValueTask<Outcome<List<SearchResult>>> SearxngAsync(OutsideService service, SearchQuery query, CancellationToken cancellation)
    {
        // Sites are said in the query, in the words most of the engines behind it know.
        var sites = query.IncludeDomains.Count > 0
            ? " (" + string.Join(" OR ", query.IncludeDomains.Select(static domain => "site:" + domain)) + ")"
            : string.Concat(query.ExcludeDomains.Select(static domain => " -site:" + domain));
        using var message = new HttpRequestMessage(HttpMethod.Get, $"{service.BaseUrl}/search?format=json&q={Uri.EscapeDataString(query.Text + sites)}");
        if (service.ApiKey is { } key)
            message.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        return await AskAsync("SearXNG", service, message, query.MaxResults, static result => Text(result, "content"), cancellation);
    }

    public void Dispose() => invoker.Dispose();

    private async ValueTask<Outcome<List<SearchResult>>> AskAsync(
        string name, OutsideService service, HttpRequestMessage message, int most, Func<JsonElement, string> excerpt, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(service.Timeout);
        try
        {
            using var response = await invoker.SendAsync(message, limit.Token);
            if (!response.IsSuccessStatusCode)
                return Failed(name, $"it answered {(int)response.StatusCode}");
            using var body = new PooledBody(64 * 1024);
            await using var stream = ResponseReading.Open(response, limit.Token);
            if (!await ResponseReading.ReadAsync(stream, body, LongestAnswer, limit.Token))
                return Failed(name, "its answer is too large");
            return Read(body.Memory, most, excerpt) is { } results ? results : Failed(name, "its answer could not be read");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed(name, $"it did not answer within {service.Timeout.TotalSeconds:0.#} s");
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException)
        {
            return Failed(name, "it could not be reached");
        }
    }

    private static List<SearchResult>? Read(ReadOnlyMemory<byte> body, int most, Func<JsonElement, string> excerpt)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("results", out var list) || list.ValueKind != JsonValueKind.Array)
                return null;
            var results = new List<SearchResult>();
            foreach (var item in list.EnumerateArray())
            {
                if (results.Count == most)
                    break;
                if (item.ValueKind != JsonValueKind.Object || Text(item, "url") is not { Length: > 0 and <= LongestUrl } url
                    || !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                    continue;
                var title = Text(item, "title");
                results.Add(new SearchResult(Cut(title.Length > 0 ? title : url, LongestTitle), url, Cut(excerpt(item), LongestExcerpt)));
            }

            return results;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Highlights(JsonElement result)
    {
        if (!result.TryGetProperty("highlights", out var parts) || parts.ValueKind != JsonValueKind.Array || parts.GetArrayLength() == 0)
            return null;
        return string.Join(" [...] ", parts.EnumerateArray().Where(static part => part.ValueKind == JsonValueKind.String).Select(static part => part.GetString()));
    }

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : "";

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] + "…";

    private static string ExaBody(SearchQuery query)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("query", query.Text);
            json.WriteString("type", query.Mode ?? "auto");
            json.WriteNumber("numResults", query.MaxResults);
            if (query.Country is { } country)
                json.WriteString("userLocation", country);
            Domains(json, "includeDomains", query.IncludeDomains);
            Domains(json, "excludeDomains", query.ExcludeDomains);
            json.WriteStartObject("contents");
            json.WriteStartObject("text");
            json.WriteNumber("maxCharacters", LongestExcerpt);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Domains(Utf8JsonWriter json, string name, IReadOnlyList<string> domains)
    {
        if (domains.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var domain in domains)
            json.WriteStringValue(domain);
        json.WriteEndArray();
    }

    private static GatewayError Failed(string name, string why) => new()
    {
        Kind = ErrorKind.ProviderUnavailable,
        Message = $"The web search failed: {name} could not be used, {why}. Nothing was charged. Try again, or send the request without web search.",
    };
}

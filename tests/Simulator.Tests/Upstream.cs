using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Simulator.Tests;

/// <summary>A simulator on a socket of its own, and the calls a gateway would make to it.</summary>
public sealed class Upstream : IAsyncLifetime, IDisposable
{
    public const string Chat = "/v1/chat/completions";
    public const string Messages = "/v1/messages";
    public const string Cohere = "/v2/chat";
    public const string Ollama = "/api/chat";
    public const string Responses = "/v1/responses";

    // Without the zero an unread answer is drained for up to two seconds before the connection is closed.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, MaxResponseDrainSize = 0 });
    private readonly InstantTime _time = new();

    public SimulatorServer Server { get; private set; } = null!;

    public HttpClient Http => _http;

    internal InstantTime Time => _time;

    public static string Generate(string model, bool stream = false, bool sse = true) =>
        $"/v1beta/models/{Uri.EscapeDataString(model)}:{(stream ? "streamGenerateContent" : "generateContent")}{(stream && sse ? "?alt=sse" : "")}";

    public async Task InitializeAsync()
    {
        Server = await SimulatorHost.StartAsync(new SimulatorOptions { Seed = 7, RecordRequests = 1000, TimeProvider = _time }, CancellationToken.None);
        _http.BaseAddress = Server.Address;
    }

    public async Task DisposeAsync()
    {
        Dispose();
        await Server.DisposeAsync();
    }

    public void Dispose() => _http.Dispose();

    public static JsonObject Ask(string model, string text, bool stream = false) => new()
    {
        ["model"] = model,
        ["stream"] = stream,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
    };

    public static JsonObject AskResponses(string model, string text, bool stream = false) => new() { ["model"] = model, ["stream"] = stream, ["store"] = false, ["input"] = text };

    public static JsonObject AskClaude(string model, string text, bool stream = false)
    {
        var body = Ask(model, text, stream);
        body["max_tokens"] = 500;
        return body;
    }

    public static JsonObject AskGemini(string text) =>
        new() { ["contents"] = new JsonArray(new JsonObject { ["role"] = "user", ["parts"] = new JsonArray(new JsonObject { ["text"] = text }) }) };

    public async Task<HttpResponseMessage> SendAsync(string path, string body, string? xSim = null, string key = "k", CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            request.Headers.Add("x-api-key", key);
            request.Headers.Add("x-goog-api-key", key);
        }

        request.Headers.Add("anthropic-version", "2023-06-01");
        if (xSim is not null)
        {
            request.Headers.Add("X-Sim", xSim);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async Task<(int Status, JsonNode Body)> PostAsync(string path, JsonNode body, string? xSim = null, string key = "k")
    {
        using var response = await SendAsync(path, body.ToJsonString(), xSim, key);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    /// <summary>The events of a stream, read to its end.</summary>
    public async Task<List<SseItem>> StreamAsync(string path, JsonNode body, string? xSim = null)
    {
        using var response = await SendAsync(path, body.ToJsonString(), xSim);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return Parse(await response.Content.ReadAsStringAsync());
    }

    public static List<SseItem> Parse(string text)
    {
        if (text.TrimStart().StartsWith('{'))
        {
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => new SseItem(null, line))];
        }

        var items = new List<SseItem>();
        foreach (var block in text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n');
            var name = lines.FirstOrDefault(l => l.StartsWith("event:", StringComparison.Ordinal))?[6..].Trim();
            var data = lines.FirstOrDefault(l => l.StartsWith("data:", StringComparison.Ordinal))?[5..].Trim();
            if (data is not null)
            {
                items.Add(new SseItem(name, data));
            }
        }

        return items;
    }
}

public sealed record SseItem(string? Name, string Data)
{
    public bool IsDone => Data == "[DONE]";

    public JsonNode Json => JsonNode.Parse(Data)!;

    public string? Type => IsDone ? null : Json["type"]?.GetValue<string>();
}

/// <summary>A clock whose timers are due at once; it remembers the waits that were asked for.</summary>
internal sealed class InstantTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];

    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_lock)
            {
                return [.. _waits];
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            lock (_lock)
            {
                _waits.Add(dueTime);
            }
        }

        return base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}

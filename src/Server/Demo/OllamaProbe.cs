using System.Net.Sockets;
using System.Text.Json;

namespace Fairlead.Server.Demo;

/// <summary>One model of an Ollama server.</summary>
/// <param name="Name">As Ollama knows it: <c>llama3.2:latest</c>.</param>
/// <param name="ContextLength">Tokens of context it was made for.</param>
/// <param name="Tools">It takes tools.</param>
/// <param name="Vision">It takes images.</param>
/// <param name="Thinking">It can think.</param>
internal sealed record OllamaModel(string Name, int ContextLength, bool Tools, bool Vision, bool Thinking);

/// <summary>An Ollama server that answered.</summary>
/// <param name="BaseUrl">Address without trailing slash.</param>
/// <param name="Models">What it has.</param>
internal sealed record OllamaFound(string BaseUrl, IReadOnlyList<OllamaModel> Models);

/// <summary>Looks once, at start, whether an Ollama server is where <c>OLLAMA_HOST</c> says.</summary>
internal static class OllamaProbe
{
    /// <summary>Where it looks when nobody says otherwise.</summary>
    public const string DefaultHost = "http://127.0.0.1:11434";

    private const int MostBytes = 4 * 1024 * 1024;
    private const int MostModels = 200;

    // What a model is declared with when it does not say: every current model has at least this.
    private const int UsualContext = 8192;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>What answered within a second; null when nothing did, or something that is not Ollama.</summary>
    public static async Task<OllamaFound?> LookAsync(string? host, CancellationToken cancellationToken)
    {
        if (Address(host ?? DefaultHost) is not { } baseUrl)
            return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        using var connections = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, MaxConnectionsPerServer = 8 };
        using var invoker = new HttpMessageInvoker(connections);
        using var tags = await AskAsync(invoker, new HttpRequestMessage(HttpMethod.Get, baseUrl + "/api/tags"), limit.Token, cancellationToken);
        if (tags is null)
            return null;
        var models = await Task.WhenAll(Names(tags.RootElement).Select(name => ShowAsync(invoker, baseUrl, name, limit.Token, cancellationToken)));
        return new(baseUrl, models);
    }

    private static async Task<OllamaModel> ShowAsync(HttpMessageInvoker invoker, string baseUrl, string name, CancellationToken limit, CancellationToken caller)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, baseUrl + "/api/show")
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["model"] = name })),
        };
        using var shown = await AskAsync(invoker, request, limit, caller);
        var context = UsualContext;
        HashSet<string> capabilities = [];
        if (shown?.RootElement is { ValueKind: JsonValueKind.Object } root)
        {
            if (root.TryGetProperty("model_info", out var info) && info.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in info.EnumerateObject())
                {
                    if (member.Name.EndsWith(".context_length", StringComparison.Ordinal) && member.Value.ValueKind == JsonValueKind.Number
                        && member.Value.TryGetInt32(out var tokens) && tokens is > 0 and <= 100_000_000)
                        context = tokens;
                }
            }

            if (root.TryGetProperty("capabilities", out var list) && list.ValueKind == JsonValueKind.Array)
                capabilities = [.. list.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.String).Select(entry => entry.GetString()!)];
        }

        return new(name, context, capabilities.Contains("tools"), capabilities.Contains("vision"), capabilities.Contains("thinking"));
    }

    // Null for every way of not answering: nobody there is the usual case, not a failure.
    private static async Task<JsonDocument?> AskAsync(HttpMessageInvoker invoker, HttpRequestMessage request, CancellationToken limit, CancellationToken caller)
    {
        try
        {
            using (request)
            {
                using var response = await invoker.SendAsync(request, limit);
                if (!response.IsSuccessStatusCode)
                    return null;
                await response.Content.LoadIntoBufferAsync(MostBytes, limit);
                return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(limit));
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or JsonException
            || (e is OperationCanceledException && !caller.IsCancellationRequested))
        {
            return null;
        }
    }

    // OLLAMA_HOST is also written without scheme ("0.0.0.0:11434"), as Ollama itself reads it; "any address" is reached by loopback.
    private static string? Address(string host)
    {
        var text = host.Contains("://", StringComparison.Ordinal) ? host : "http://" + host;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return null;
        var explicitPort = text.Contains(uri.Host + ":", StringComparison.OrdinalIgnoreCase);
        var port = uri.Scheme == "http" && !explicitPort ? 11434 : uri.Port;
        var name = uri.Host switch { "0.0.0.0" => "127.0.0.1", "[::]" => "[::1]", var other => other };
        return $"{uri.Scheme}://{name}:{port}{uri.AbsolutePath.TrimEnd('/')}";
    }

    private static List<string> Names(JsonElement root)
    {
        var names = new List<string>();
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("models", out var models) || models.ValueKind != JsonValueKind.Array)
            return names;
        foreach (var model in models.EnumerateArray().Take(MostModels))
        {
            if (model.ValueKind == JsonValueKind.Object && model.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                && name.GetString() is { Length: > 0 and < 200 } text)
                names.Add(text);
        }

        return names;
    }
}

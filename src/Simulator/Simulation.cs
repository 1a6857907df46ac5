using Fairlead.Simulator.Amazon;
using Fairlead.Simulator.Anthropic;
using Fairlead.Simulator.Azure;
using Fairlead.Simulator.Cohere;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Gemini;
using Fairlead.Simulator.Ollama;
using Fairlead.Simulator.OpenAI;
using Fairlead.Simulator.Recording;
using Fairlead.Simulator.Replies;
using Fairlead.Simulator.Vertex;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Simulator;

/// <summary>Serves every path: finds the dialect, reads the request and its faults, answers.</summary>
internal sealed class Simulation
{
    private const string BadKey = "sim-bad-key";

    private readonly SimulatorOptions _options;
    private readonly RequestLog _log;
    private readonly CancellationToken _stopping;
    private readonly FaultCounter _counter = new();
    private readonly OpenAIChat _openAI;
    private readonly OpenAIResponses _responses;
    private readonly AzureDialect _azureChat;
    private readonly AzureDialect _azureResponses;
    private readonly AnthropicMessages _anthropic;
    private readonly GeminiContent _gemini;
    private readonly CohereChat _cohere;
    private readonly BedrockConverse _converse;
    private readonly CloudAnthropic _cloudAnthropic;
    private readonly OllamaChat _ollama;
    private readonly OpenAIEmbeddings _openAIEmbeddings;
    private readonly AzureDialect _azureEmbeddings;
    private readonly GeminiEmbeddings _geminiEmbeddings;
    private readonly CohereEmbeddings _cohereEmbeddings;
    private readonly InvokeEmbeddings _invokeEmbeddings;
    private readonly OllamaEmbeddings _ollamaEmbeddings;

    public Simulation(SimulatorOptions options, RequestLog log, CancellationToken stopping)
    {
        _options = options;
        _log = log;
        _stopping = stopping;
        var cache = new PromptCache();
        var signatures = new Signatures(options.Seed);
        _openAI = new OpenAIChat(cache, options.TimeProvider);
        _responses = new OpenAIResponses(_openAI, cache, signatures, options.TimeProvider);
        _azureChat = new AzureDialect(_openAI);
        _azureResponses = new AzureDialect(_responses);
        _anthropic = new AnthropicMessages(cache, signatures, options.TimeProvider);
        _gemini = new GeminiContent(cache, signatures);
        _cohere = new CohereChat(cache);
        _converse = new BedrockConverse(cache);
        _cloudAnthropic = new CloudAnthropic(_anthropic);
        _ollama = new OllamaChat(cache, options.TimeProvider);
        _openAIEmbeddings = new OpenAIEmbeddings(_openAI, options.Seed);
        _azureEmbeddings = new AzureDialect(_openAIEmbeddings);
        _geminiEmbeddings = new GeminiEmbeddings(_gemini, options.Seed);
        _cohereEmbeddings = new CohereEmbeddings(_cohere, options.Seed);
        _invokeEmbeddings = new InvokeEmbeddings(_converse, options.Seed);
        _ollamaEmbeddings = new OllamaEmbeddings(_ollama, options.Seed);
    }

    public static bool IsBadKey(string key) => key == BadKey;

    public async Task ServeAsync(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var record = _log.Begin(http.Request, target);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _stopping);
        ReplyWriter? writer = null;
        await using var watch = http.RequestAborted.Register(() =>
        {
            if (writer?.CutByUs != true && !_stopping.IsCancellationRequested)
            {
                record?.MarkAborted(_options.TimeProvider.GetUtcNow());
            }
        });
        try
        {
            var (reply, faults) = await AnswerAsync(http, target, record, gone.Token);
            writer = new ReplyWriter(http, faults, _options.TimeProvider, gone.Token);
            if (reply is null)
            {
                if (faults.Hang)
                {
                    await writer.UntilGoneAsync();
                }

                writer.Cut();
                return;
            }

            await writer.WriteAsync(reply);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The client left or the simulator stops: there is nobody to answer.
            http.Abort();
        }
        catch (IOException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left while its answer was written.
            http.Abort();
        }
        finally
        {
            record?.MarkFinished();
        }
    }

    /// <summary>The reply, and the faults to lay over it. No reply: hang or cut before any byte.</summary>
    private async Task<(Reply? Reply, FaultPlan Faults)> AnswerAsync(HttpContext http, string target, RecordedRequest? record, CancellationToken gone)
    {
        var path = http.Request.Path.Value ?? "/";
        if (HttpMethods.IsGet(http.Request.Method) && path.EndsWith("/models", StringComparison.Ordinal))
        {
            return (ModelList(http.Request, path), FaultPlan.None);
        }

        if (HttpMethods.IsGet(http.Request.Method) && path.EndsWith("/api/tags", StringComparison.Ordinal))
        {
            return (OllamaModels.Tags(), FaultPlan.None);
        }

        if (HttpMethods.IsPost(http.Request.Method) && path.EndsWith("/api/show", StringComparison.Ordinal))
        {
            return (await OllamaModels.ShowAsync(http.Request, gone), FaultPlan.None);
        }

        if (HttpMethods.IsGet(http.Request.Method) && path.EndsWith("/props", StringComparison.Ordinal))
        {
            return (ModelLists.Properties(), FaultPlan.None);
        }

        if (HttpMethods.IsPost(http.Request.Method) && path.EndsWith("/token", StringComparison.Ordinal))
        {
            return (await TokenEndpoint.AnswerAsync(http.Request, gone), FaultPlan.None);
        }

        if (!HttpMethods.IsPost(http.Request.Method) || Dialect(target, path) is not { } dialect)
        {
            return (OpenAIErrors.UnknownUrl(http.Request.Method, path), FaultPlan.None);
        }

        byte[] bytes;
        try
        {
            using var buffer = new MemoryStream();
            await http.Request.Body.CopyToAsync(buffer, gone);
            bytes = buffer.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (new BodyReply(StatusCodes.Status413PayloadTooLarge, []), FaultPlan.None);
        }

        _log.KeepBody(record, bytes);
        http.Items[AwsKeys.BodyItem] = bytes;
        if (dialect.CheckKey(http.Request, _options) is { } refusal)
        {
            return (refusal, FaultPlan.None);
        }

        using var document = Json.Parse(bytes);
        if (document is null || !document.RootElement.IsObject())
        {
            return (dialect.UnreadableBody(), FaultPlan.None);
        }

        return Answer(http.Request, target, dialect, document.RootElement.Clone(), bytes);
    }

    private (Reply? Reply, FaultPlan Faults) Answer(HttpRequest http, string target, ISimulatedDialect dialect, System.Text.Json.JsonElement body, byte[] bytes)
    {
        var fullName = dialect.ModelName(target, body) ?? "";
        var mark = fullName.IndexOf('?');
        var model = mark < 0 ? fullName : fullName[..mark];
        var header = http.Headers["X-Sim"].ToString();
        var faults = FaultParser.Parse(mark < 0 ? "" : fullName[(mark + 1)..], FaultPlan.None, out var error);
        faults = error is null ? FaultParser.Parse(header[(header.IndexOf('?') + 1)..], faults, out error) : faults;
        if (error is not null)
        {
            return (dialect.BadFault(error), FaultPlan.None);
        }

        if (!_counter.Spend($"{fullName}\n{header}", faults.Times))
        {
            faults = faults.Shape();
        }

        var call = new Incoming(http, target, body, model, faults, new Stamp(_options.Seed, target, bytes));
        if (faults.Hang || faults.CutHeaders)
        {
            return (null, faults);
        }

        if (faults.Redirect is { } location)
        {
            return (new BodyReply(StatusCodes.Status307TemporaryRedirect, []) { Headers = [("Location", location)] }, FaultPlan.None);
        }

        if (faults.Status is { } status)
        {
            return (Disguised(dialect.Failure(status, faults, call), faults), faults);
        }

        return (Disguised(dialect.Answer(call), faults), faults);
    }

    /// <summary>The body a proxy in front of the provider would send instead of the provider's.</summary>
    private static Reply Disguised(Reply reply, FaultPlan faults)
    {
        var status = (reply as BodyReply)?.Status ?? StatusCodes.Status200OK;
        var form = faults.Body ?? (faults.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true ? "html" : null);
        return form switch
        {
            "html" => new BodyReply(status, [.. "<html><head><title>Error</title></head><body><center><h1>Error</h1></center><hr><center>nginx</center></body></html>\r\n"u8])
            {
                ContentType = "text/html",
                Headers = reply.Headers,
            },
            "text" => new BodyReply(status, [.. "upstream connect error or disconnect/reset before headers"u8]) { ContentType = "text/plain", Headers = reply.Headers },
            "empty" => new BodyReply(status, []) { Headers = reply.Headers },
            _ => reply,
        };
    }

    private ISimulatedDialect? Dialect(string target, string path) =>
        path.EndsWith("/chat/completions", StringComparison.Ordinal) ? AzureDialect.IsAzure(path) ? _azureChat : _openAI
        : path.EndsWith("/responses", StringComparison.Ordinal) ? AzureDialect.IsAzure(path) ? _azureResponses : _responses
        : path.EndsWith("/messages", StringComparison.Ordinal) ? _anthropic
        : path.EndsWith("/api/chat", StringComparison.Ordinal) ? _ollama
        : path.EndsWith("/chat", StringComparison.Ordinal) ? _cohere
        : path.EndsWith("/embeddings", StringComparison.Ordinal) ? AzureDialect.IsAzure(path) ? _azureEmbeddings : _openAIEmbeddings
        : path.EndsWith("/api/embed", StringComparison.Ordinal) ? _ollamaEmbeddings
        : path.EndsWith("/embed", StringComparison.Ordinal) ? _cohereEmbeddings
        : GeminiEmbeddings.Serves(target) ? _geminiEmbeddings
        : CloudTarget.Parse(target) is { } cloud ? InvokeEmbeddings.Serves(cloud) ? _invokeEmbeddings : cloud.IsConverse ? _converse : _cloudAnthropic
        : GeminiTarget.Parse(target) is not null ? _gemini
        : null;

    private BodyReply ModelList(HttpRequest request, string path)
    {
        if (request.Headers.ContainsKey("anthropic-version") || request.Headers.ContainsKey("x-api-key"))
        {
            return _anthropic.CheckKey(request, _options) ?? ModelLists.Anthropic();
        }

        return request.Headers.ContainsKey("x-goog-api-key") || (path.Contains("/v1beta/", StringComparison.Ordinal) && !path.Contains("/openai/", StringComparison.Ordinal))
            ? _gemini.CheckKey(request, _options) ?? ModelLists.Gemini()
            : _openAI.CheckKey(request, _options) ?? ModelLists.OpenAI();
    }
}

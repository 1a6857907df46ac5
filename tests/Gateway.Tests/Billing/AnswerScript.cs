namespace Fairlead.Gateway.Tests.Billing;

/// <summary>
/// One answer of a provider in its own format, event by event and whole: three words, a finish, and a report that differs from our own count, so
/// that a charge tells what it was made from.
/// </summary>
internal sealed record AnswerScript(string Protocol, IReadOnlyList<ScriptEvent> Events, string Whole, string ErrorEvent)
{
    public const int ReportedPrompt = 40;
    public const int ReportedCompletion = 25;
    public static readonly string[] Words = ["Rivers", " carry", " salt"];

    public static readonly AnswerScript[] All = [OpenAIChat(), Anthropic(), Gemini(), Cohere(), Ollama(), Responses()];

    public static AnswerScript Of(string protocol) => All.Single(script => script.Protocol == protocol);

    /// <summary>The same answer with another report at its end.</summary>
    public static AnswerScript Of(string protocol, string usage) => protocol switch
    {
        "openai-chat" => OpenAIChat(usage),
        "anthropic-messages" => Anthropic(usage),
        "gemini" => Gemini(usage),
        "cohere" => Cohere(usage),
        "openai-responses" => Responses(usage),
        _ => Ollama(usage),
    };

    /// <summary>Words among the first <paramref name="events"/> events.</summary>
    public int WordsIn(int events) => Events.Take(events).Count(e => e.HasWord);

    public bool FinishIn(int events) => Events.Take(events).Any(e => e.HasFinish);

    public bool UsageIn(int events) => Events.Take(events).Any(e => e.HasUsage);

    /// <summary>The prompt's count is reported by the first event.</summary>
    public bool PromptFirst => Protocol == "anthropic-messages";

    public string MediaType => Protocol == "ollama" ? "application/x-ndjson" : "text/event-stream";

    /// <summary>The last event ends the answer; else the end of the body does.</summary>
    public bool HasTerminator => Protocol != "gemini";

    private static AnswerScript OpenAIChat(string usage = """{"prompt_tokens":40,"completion_tokens":25,"total_tokens":65}""")
    {
        static string Chunk(string choices, string more = "") =>
            $$"""data: {"id":"up-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{choices}}]{{more}}}""" + "\n\n";
        usage = ",\"usage\":" + usage;
        return new("openai-chat",
        [
            new(Chunk("""{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}""")),
            .. Words.Select(word => new ScriptEvent(Chunk($$"""{"index":0,"delta":{"content":"{{word}}"},"finish_reason":null}""")) { HasWord = true }),
            new(Chunk("""{"index":0,"delta":{},"finish_reason":"stop"}""")) { HasFinish = true },
            new(Chunk("", usage)) { HasUsage = true },
            new("data: [DONE]\n\n"),
        ],
            """{"id":"up-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Rivers carry salt"},"finish_reason":"stop"}]""" + usage + "}",
            """data: {"error":{"message":"overloaded","type":"server_error","code":500}}""" + "\n\n");
    }

    private static AnswerScript Anthropic(string? usage = null)
    {
        static string Event(string type, string more) => $"event: {type}\ndata: {{\"type\":\"{type}\"{more}}}\n\n";
        return new("anthropic-messages",
        [
            new(Event("message_start", ""","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":40,"output_tokens":1}}""")),
            new(Event("content_block_start", ""","index":0,"content_block":{"type":"text","text":""}""")),
            new(Event("ping", "")),
            .. Words.Select(word => new ScriptEvent(Event("content_block_delta", $$""","index":0,"delta":{"type":"text_delta","text":"{{word}}"}""")) { HasWord = true }),
            new(Event("content_block_stop", ""","index":0""")),
            new(Event("message_delta", ""","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":""" + (usage ?? """{"output_tokens":25}"""))) { HasFinish = true, HasUsage = true },
            new(Event("message_stop", "")),
        ],
            """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Rivers carry salt"}],"stop_reason":"end_turn","stop_sequence":null,"usage":""" + (usage ?? """{"input_tokens":40,"output_tokens":25}""") + "}",
            Event("error", ""","error":{"type":"overloaded_error","message":"Overloaded"}"""));
    }

    private static AnswerScript Gemini(string usage = """{"promptTokenCount":40,"candidatesTokenCount":25,"totalTokenCount":65}""")
    {
        static string Candidate(string text, string more = "") => $$"""{"candidates":[{"content":{"parts":[{"text":"{{text}}"}],"role":"model"},"index":0{{more}}}]""";
        usage = ",\"usageMetadata\":" + usage + "}";
        return new("gemini",
        [
            .. Words.Select(word => new ScriptEvent("data: " + Candidate(word) + "}\n\n") { HasWord = true }),
            new("data: " + Candidate("", ",\"finishReason\":\"STOP\"") + usage + "\n\n") { HasFinish = true, HasUsage = true },
        ],
            Candidate("Rivers carry salt", ",\"finishReason\":\"STOP\"") + usage,
            """data: {"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}""" + "\n\n");
    }

    private static AnswerScript Cohere(string usage = """{"billed_units":{"input_tokens":40,"output_tokens":25},"tokens":{"input_tokens":40,"output_tokens":25}}""")
    {
        static string Event(string type, string more) => $"event: {type}\ndata: {{\"type\":\"{type}\"{more}}}\n\n";
        return new("cohere",
        [
            new(Event("message-start", ""","id":"up-1","delta":{"message":{"role":"assistant","content":[]}}""")),
            new(Event("content-start", ""","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}""")),
            .. Words.Select(word => new ScriptEvent(Event("content-delta", $$$$""","index":0,"delta":{"message":{"content":{"text":"{{{{word}}}}"}}}""")) { HasWord = true }),
            new(Event("content-end", ""","index":0""")),
            new(Event("message-end", ""","delta":{"finish_reason":"COMPLETE","usage":""" + usage + "}")) { HasFinish = true, HasUsage = true },
        ],
            """{"id":"up-1","message":{"role":"assistant","content":[{"type":"text","text":"Rivers carry salt"}]},"finish_reason":"COMPLETE","usage":""" + usage + "}",
            Event("message-end", ""","delta":{"finish_reason":"ERROR","error":"internal server error"}"""));
    }

    private static AnswerScript Responses(string usage = """{"input_tokens":40,"output_tokens":25,"total_tokens":65}""")
    {
        static string Event(string type, string more) => $"event: response.{type}\ndata: {{\"type\":\"response.{type}\"{more}}}\n\n";
        static string Response(string status, string more) => $$"""{"id":"up-1","object":"response","model":"m","status":"{{status}}"{{more}}}""";
        var whole = Response("completed", ""","error":null,"output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Rivers carry salt","annotations":[]}]}],"usage":""" + usage);
        return new("openai-responses",
        [
            new(Event("created", ",\"response\":" + Response("in_progress", ""))),
            new(Event("output_item.added", ""","output_index":0,"item":{"type":"message","role":"assistant","content":[]}""")),
            .. Words.Select(word => new ScriptEvent(Event("output_text.delta", $$""","output_index":0,"content_index":0,"delta":"{{word}}" """)) { HasWord = true }),
            new(Event("output_text.done", ""","output_index":0,"content_index":0,"text":"Rivers carry salt" """)),
            new(Event("completed", ",\"response\":" + whole)) { HasFinish = true, HasUsage = true },
        ],
            whole,
            Event("failed", ",\"response\":" + Response("failed", ""","error":{"code":"server_error","message":"overloaded"}""")));
    }

    private static AnswerScript Ollama(string usage = "\"prompt_eval_count\":40,\"eval_count\":25")
    {
        static string Line(string text, string more) => $$$"""{"model":"m","created_at":"2026-08-20T10:00:00Z","message":{"role":"assistant","content":"{{{text}}}"},{{{more}}}}""" + "\n";
        var end = "\"done\":true,\"done_reason\":\"stop\"," + usage;
        return new("ollama",
        [
            .. Words.Select(word => new ScriptEvent(Line(word, "\"done\":false")) { HasWord = true }),
            new(Line("", end)) { HasFinish = true, HasUsage = true },
        ],
            Line("Rivers carry salt", end),
            """{"error":"an error was encountered while running the model"}""" + "\n");
    }
}

/// <summary>One event of a provider's stream, and what it tells.</summary>
internal sealed record ScriptEvent(string Text)
{
    public bool HasWord { get; init; }
    public bool HasFinish { get; init; }
    public bool HasUsage { get; init; }
}

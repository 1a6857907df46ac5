using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Routers.BodyBuilder;

/// <summary>A text as the chat completion of a provider, so that an answer the gateway gives itself goes the way of every other: relay, record, every client's format.</summary>
internal static class OwnAnswer
{
    /// <param name="text">The text; null where it would be too long.</param>
    /// <param name="stream">As a stream.</param>
    /// <param name="promptTokens">What the prompt counts as.</param>
    public static HttpResponseMessage Of(string? text, bool stream, int promptTokens)
    {
        if (text is null)
        {
            const string TooLong = """{"error":{"message":"The requests would be too long together: name fewer models, or shorten the task.","type":"invalid_request_error","code":400}}""";
            return With(HttpStatusCode.BadRequest, TooLong, "application/json");
        }

        var written = (int)Tokenizer.O200k.Count(Encoding.UTF8.GetBytes(text));
        var usage = new JsonObject { ["prompt_tokens"] = promptTokens, ["completion_tokens"] = written, ["total_tokens"] = promptTokens + written };
        var said = new JsonObject { ["role"] = "assistant", ["content"] = text };
        var whole = new JsonObject
        {
            ["id"] = "own",
            ["object"] = stream ? "chat.completion.chunk" : "chat.completion",
            ["created"] = 0,
            ["model"] = RouterSlugs.BodyBuilder,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, [stream ? "delta" : "message"] = said, ["finish_reason"] = stream ? null : "stop" }),
            ["usage"] = stream ? null : usage,
        };
        if (!stream)
            return With(HttpStatusCode.OK, whole.ToJsonString(), "application/json");
        var end = whole.DeepClone();
        end["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject(), ["finish_reason"] = "stop" });
        end["usage"] = usage;
        return With(HttpStatusCode.OK, $"data: {whole.ToJsonString()}\n\ndata: {end.ToJsonString()}\n\ndata: [DONE]\n\n", "text/event-stream");
    }

    private static HttpResponseMessage With(HttpStatusCode status, string body, string mediaType) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(mediaType)) };
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Routers;

/// <summary>
/// A gateway for tests of routers: a few models of the simulator, free and paid, of which only some see, call tools or keep to a schema. Shared by a class.
/// </summary>
public class RouterHost : IAsyncLifetime
{
    private const string Tools = "\"tools\", \"tool_choice\"";
    private const string Schema = "\"response_format\", \"structured_outputs\"";

    internal GatewayHost Gateway { get; private set; } = null!;

    /// <summary>More of the <c>inference</c> object.</summary>
    internal virtual string Inference => "";

    public async Task InitializeAsync() => Gateway = await GatewayHost.StartAsync(new() { Config = Config(Inference) });

    public Task DisposeAsync() => Gateway.DisposeAsync().AsTask();

    internal static string Config(string inference = "", string talk1 = "sim") => $$"""
        {
          "providers": [ { "slug": "one", "name": "One", "protocol": "openai-chat", "base_url": "SIMULATOR/v1", "api_key": "key-one", "allow_private_network": true } ],
          "inference": { "free_models": { "per_minute": 0, "per_day": 0 } {{inference}} },
          "models": [
            {{Model("acme/talk-1", 1_750_000_000, "0.000001", "\"text\"", "", talk1)}},
            {{Model("acme/talk-2", 1_760_000_000, "0.000002", "\"text\", \"image\"", Tools + ", " + Schema)}},
            {{Model("acme/talk-2-fast", 1_765_000_000, "0.00001", "\"text\"", Tools)}},
            {{Model("acme/coder", 1_755_000_000, "0.000003", "\"text\"", Tools)}},
            {{Model("acme/words:free", 1_740_000_000, "0", "\"text\"", "")}},
            {{Model("acme/eyes:free", 1_740_000_001, "0", "\"text\", \"image\"", "")}},
            {{Model("acme/hands:free", 1_740_000_002, "0", "\"text\"", Tools)}},
            {{Model("acme/forms:free", 1_740_000_003, "0", "\"text\"", Schema)}}
          ]
        }
        """;

    internal static JsonObject Body(string model, string text = "Repeat after me: hello", bool stream = false) => ChatClient.Body(text, stream, model);

    /// <summary>The same with an image.</summary>
    internal static JsonObject WithImage(JsonObject body)
    {
        body["messages"]!.AsArray().Add(JsonNode.Parse("""
            {"role":"user","content":[{"type":"text","text":"What is this?"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}}]}
            """));
        return body;
    }

    /// <summary>The same with a tool.</summary>
    internal static JsonObject WithTool(JsonObject body)
    {
        body["tools"] = JsonNode.Parse("""[{"type":"function","function":{"name":"look_up","parameters":{"type":"object","properties":{}}}}]""");
        return body;
    }

    internal Task<ChatReply> ChatAsync(JsonObject body, bool metadata = false) => ChatAsync(Gateway.Client, body, metadata);

    internal static async Task<ChatReply> ChatAsync(HttpClient client, JsonObject body, bool metadata = false)
    {
        using var request = ChatClient.Request(body);
        if (metadata)
            request.Headers.Add("X-OpenRouter-Metadata", "enabled");
        using var response = await client.SendAsync(request);
        return new ChatReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Where a body would go.</summary>
    internal async Task<JsonNode> ExplainAsync(JsonObject body)
    {
        using var response = await Gateway.Client.PostAsync("api/v1/route/explain", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static string Model(string id, long created, string price, string inputs, string parameters, string upstream = "sim") => $$"""
        { "id": "{{id}}", "name": "{{id}}", "created": {{created}}, "context_length": 100000,
          "architecture": { "input_modalities": [{{inputs}}], "output_modalities": ["text"], "tokenizer": "GPT" },
          "endpoints": [ { "provider": "one", "model": "{{upstream}}", "max_completion_tokens": 8000, "pricing": { "prompt": "{{price}}", "completion": "{{price}}" },
            "supported_parameters": ["max_tokens", "temperature"{{(parameters.Length > 0 ? ", " + parameters : "")}}] } ] }
        """;
}

using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Contract;
using Fairlead.Gateway.Tests.Inference;
using OpenAI;
using OpenAI.Embeddings;

namespace Fairlead.Gateway.Tests.Embeddings;

/// <summary><c>POST /embeddings</c> over every format, real sockets on both sides.</summary>
public sealed class EmbeddingsTests(EmbeddingsHost host) : IClassFixture<EmbeddingsHost>
{
    private const string Pixel = "data:image/png;base64,iVBORw0KGgo=";

    private static JsonArray Texts => new("the quick brown fox", "été \"quoted\" \u4f60\u597d", "a third one");

    [Theory]
    [InlineData(EmbeddingsHost.Plain, 1, "/v1/embeddings")]
    [InlineData(EmbeddingsHost.Azure, 1, "/openai/v1/embeddings")]
    [InlineData(EmbeddingsHost.Deployment, 1, "/openai/deployments/my%20deployment/embeddings?api-version=2024-10-21")]
    [InlineData(EmbeddingsHost.Gemini, 1, "/v1beta/models/gemini-embedding-001:batchEmbedContents")]
    [InlineData(EmbeddingsHost.Vertex, 3, "/v1/projects/p/locations/europe-west4/publishers/google/models/gemini-embedding-001:predict")]
    [InlineData(EmbeddingsHost.VertexOlder, 1, "/v1/projects/p/locations/europe-west4/publishers/google/models/text-embedding-005:predict")]
    [InlineData(EmbeddingsHost.Titan, 3, "/bedrock/model/amazon.titan-embed-text-v2%3A0/invoke")]
    [InlineData(EmbeddingsHost.BedrockCohere, 1, "/bedrock/model/us.cohere.embed-v4%3A0/invoke")]
    [InlineData(EmbeddingsHost.Cohere, 1, "/v2/embed")]
    [InlineData(EmbeddingsHost.Ollama, 1, "/api/embed")]
    public async Task EveryFormat_GivesTheSameVectors_AsNumbersAndAsBase64(string model, int calls, string path)
    {
        var body = EmbeddingsHost.Body(model, Texts);
        body["dimensions"] = 8;
        body["input_type"] = "search_query";
        body["user"] = "someone";
        body["stream"] = true; // has no effect
        var answer = await host.EmbedAsync(body);
        Assert.True(answer.Status == 200, answer.Text);
        Assert.Empty(SchemaCheck.Faults(answer.Json, PublishedContract.Answer("post", "/embeddings")));
        Assert.Equal((model, answer.GenerationId), ((string?)answer.Json["model"], (string?)answer.Json["id"]));
        var sent = host.Gateway.Simulator!.Requests.Where(request => request.Path == path).ToList();
        Assert.True(sent.Count >= calls, "sent to " + host.Gateway.Simulator.Requests[^1].Path);
        Assert.DoesNotContain("someone", sent[^1].BodyText, StringComparison.Ordinal);

        var vectors = EmbeddingsHost.Vectors(answer.Json);
        body["encoding_format"] = "base64";
        var base64 = await host.EmbedAsync(body);
        Assert.Equal(vectors, EmbeddingsHost.Vectors(base64.Json));
        Assert.Equal("String", base64.Json["data"]![0]!["embedding"]!.GetValueKind().ToString());
        body["model"] = EmbeddingsHost.Plain;
        Assert.Equal(EmbeddingsHost.Vectors((await host.EmbedAsync(body)).Json), vectors);
        Assert.All(vectors, vector => Assert.Equal(8, vector.Length));

        var tokens = (long)answer.Json["usage"]!["prompt_tokens"]!;
        Assert.True(tokens > 5);
        Assert.Equal(tokens, (long)answer.Json["usage"]!["total_tokens"]!);
        Assert.Equal(tokens * EmbeddingsHost.Price, answer.Cost);
        var record = await host.Gateway.GenerationAsync(answer.GenerationId);
        Assert.Equal(("embeddings", answer.Cost, tokens, false), ((string?)record["api_type"], (decimal)record["total_cost"]!, (long)record["native_tokens_prompt"]!, (bool)record["streamed"]!));
        Assert.Equal("someone", (string?)record["external_user"]);
    }

    [Fact]
    public async Task MoreInputsThanACallTakes_AreSentInSeveral_AndChargedOnce()
    {
        JsonArray texts = [.. Enumerable.Range(0, 200).Select(i => (JsonNode)$"text number {i}")];
        var body = EmbeddingsHost.Body(EmbeddingsHost.Cohere, texts);
        body["dimensions"] = 4;
        host.Gateway.Simulator!.Clear();
        var before = await host.Gateway.SpentAsync();
        var answer = await host.EmbedAsync(body);
        Assert.Equal([8, 96, 96], host.Gateway.Simulator.Requests.Select(request => JsonNode.Parse(request.BodyText)!["texts"]!.AsArray().Count).Order());
        Assert.Equal(before + answer.Cost, await host.Gateway.SpentAsync());

        body["model"] = EmbeddingsHost.Plain;
        Assert.Equal(EmbeddingsHost.Vectors((await host.EmbedAsync(body)).Json), EmbeddingsHost.Vectors(answer.Json));
    }

    [Theory]
    [InlineData("\"one\"")]
    [InlineData("[1, 2, 3]")]
    [InlineData("[[1,2],[3]]")]
    [InlineData("""["one", [1], {"content":[{"type":"text","text":"two"}]}]""")]
    public async Task FormsOfInput_GoOnAsTheyCame_WhereTheHostSpeaksThem(string input)
    {
        var answer = await host.EmbedAsync(EmbeddingsHost.Body(EmbeddingsHost.Plain, JsonNode.Parse(input)!));
        Assert.Equal(200, answer.Status);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(input), JsonNode.Parse(host.Gateway.Simulator!.Requests[^1].BodyText)!["input"]));
    }

    [Theory]
    [InlineData(EmbeddingsHost.Gemini)]
    [InlineData(EmbeddingsHost.Vertex)]
    [InlineData(EmbeddingsHost.Titan)]
    [InlineData(EmbeddingsHost.BedrockCohere)]
    [InlineData(EmbeddingsHost.Cohere)]
    [InlineData(EmbeddingsHost.Ollama)]
    public async Task TokenNumbers_AreRefusedWhereNobodyTakesThem(string model)
    {
        var answer = await host.EmbedAsync(EmbeddingsHost.Body(model, new JsonArray("good", new JsonArray(1, 2))));
        Assert.Equal(400, answer.Status);
        Assert.Contains("input[1]", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenNumbers_GoToTheEndpointThatTakesThem()
    {
        var answer = await host.EmbedAsync(EmbeddingsHost.Body("acme/texts-first", new JsonArray(1, 2)));
        Assert.Equal((200, "plain"), (answer.Status, (string?)answer.Json["provider"]));
    }

    [Theory]
    [InlineData(EmbeddingsHost.Cohere)]
    [InlineData(EmbeddingsHost.Gemini)]
    public async Task TextsAndImagesTogether_AreEmbedded(string model)
    {
        var parts = JsonNode.Parse("""[{"content":[{"type":"text","text":"a dog"},{"type":"image_url","image_url":{"url":"PIXEL"}}]}, {"content":[{"type":"text","text":"a dog"}]}]"""
            .Replace("PIXEL", Pixel, StringComparison.Ordinal))!;
        var answer = await host.EmbedAsync(EmbeddingsHost.Body(model, parts));
        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(2, EmbeddingsHost.Vectors(answer.Json).Count);
        Assert.Contains("iVBORw0KGgo=", host.Gateway.Simulator!.Requests[^1].BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailingEndpoint_TheNextAnswers_AndOnlyItIsPaid()
    {
        var answer = await host.EmbedAsync(EmbeddingsHost.Body("acme/failing", "hello world"));
        Assert.Equal((200, "cohere"), (answer.Status, (string?)answer.Json["provider"]));
        Assert.Equal((long)answer.Json["usage"]!["prompt_tokens"]! * 2 * EmbeddingsHost.Price, answer.Cost);
        var record = await host.Gateway.GenerationAsync(answer.GenerationId);
        Assert.Equal([503, 200], record["provider_responses"]!.AsArray().Select(one => (int)one!["status"]!));
    }

    [Fact]
    public async Task UnusableAnswer_Is502_AndFree()
    {
        var answer = await host.EmbedAsync(EmbeddingsHost.Body("acme/garbled", "hello world"));
        Assert.Equal((502, "provider_unavailable"), (answer.Status, answer.ErrorType));
        Assert.Equal(0m, (decimal)(await host.Gateway.GenerationAsync(answer.GenerationId))["total_cost"]!);
    }

    [Fact]
    public async Task NoUsageReported_ChargedByOurOwnCount()
    {
        var answer = await host.EmbedAsync(EmbeddingsHost.Body("acme/uncounted", "hello world"));
        Assert.Equal((200, 2), (answer.Status, (int)answer.Json["usage"]!["prompt_tokens"]!));
    }

    [Theory]
    [InlineData("{}", 400, "input")]
    [InlineData("""{"model":"acme/plain"}""", 400, "input")]
    [InlineData("""{"input":"x"}""", 400, "model")]
    [InlineData("""{"model":"acme/plain","input":""}""", 400, "input")]
    [InlineData("""{"model":"acme/plain","input":[]}""", 400, "input")]
    [InlineData("""{"model":"acme/plain","input":["x",""]}""", 400, "input[1]")]
    [InlineData("""{"model":"acme/plain","input":["x",[]]}""", 400, "input[1]")]
    [InlineData("""{"model":"acme/plain","input":[1,"x"]}""", 400, "input[1]")]
    [InlineData("""{"model":"acme/plain","input":[-1]}""", 400, "input[0]")]
    [InlineData("""{"model":"acme/plain","input":[{"text":"x"}]}""", 400, "input[0].content")]
    [InlineData("""{"model":"acme/plain","input":7}""", 400, "input")]
    [InlineData("""{"model":"acme/plain","input":"x","encoding_format":"int8"}""", 400, "encoding_format")]
    [InlineData("""{"model":"acme/plain","input":"x","dimensions":0}""", 400, "dimensions")]
    [InlineData("""{"model":"acme/plain","input":"x","provider":{"onyl":[]}}""", 400, "provider.onyl")]
    [InlineData("""{"model":"acme/plain","input":"x" """, 400, "JSON")]
    [InlineData("""{"model":"acme/nobody","input":"x"}""", 400, "acme/nobody")]
    [InlineData("""{"model":"acme/chat","input":"x"}""", 400, "not an embedding model")]
    [InlineData("""{"model":"acme/chat","input":"x"}""", 400, "wrong_endpoint")]
    [InlineData("""{"model":"acme/plain","input":"x","provider":{"only":["cohere"]}}""", 404, "No allowed providers")]
    public async Task BadRequest_IsNamed(string body, int status, string named)
    {
        using var response = await host.Gateway.Client.PostAsync("api/v1/embeddings", new StringContent(body));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, text);
        Assert.Contains(named, text, StringComparison.Ordinal);
        Assert.Empty(SchemaCheck.Faults(JsonNode.Parse(text), PublishedContract.Failure("post", "/embeddings", status)));
    }

    [Fact]
    public async Task EachInputFitsTheWindowForItself()
    {
        JsonArray many = [.. Enumerable.Range(0, 600).Select(_ => (JsonNode)"five words are in here")];
        Assert.Equal(200, (await host.EmbedAsync(EmbeddingsHost.Body(EmbeddingsHost.Plain, many))).Status);
        var long1 = await host.EmbedAsync(EmbeddingsHost.Body(EmbeddingsHost.Plain, string.Join(' ', Enumerable.Repeat("word", 3000))));
        Assert.Equal((400, "context_length_exceeded"), (long1.Status, long1.ErrorType));
        JsonArray tooMany = [.. Enumerable.Range(0, 2049).Select(_ => (JsonNode)"x")];
        Assert.Contains("2048", (await host.EmbedAsync(EmbeddingsHost.Body(EmbeddingsHost.Plain, tooMany))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmbeddingModel_DoesNotChat_AndIsListedAmongItsOwn()
    {
        var answer = await host.Gateway.ChatAsync(ChatClient.Body(model: EmbeddingsHost.Plain));
        Assert.Equal(400, answer.Status);
        Assert.Contains("/embeddings", answer.Text, StringComparison.Ordinal);
        var listed = JsonNode.Parse(await host.Gateway.Client.GetStringAsync("api/v1/embeddings/models"))!["data"]!.AsArray().Select(model => (string?)model!["id"]).ToList();
        Assert.Contains(EmbeddingsHost.Titan, listed);
        Assert.DoesNotContain("acme/chat", listed);
        Assert.DoesNotContain(EmbeddingsHost.Titan, await host.Gateway.Client.GetStringAsync("api/v1/models"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutKeyOrCredits_NothingIsSent()
    {
        using var refused = await host.Gateway.Anonymous.PostAsJsonAsync("api/v1/embeddings", EmbeddingsHost.Body(EmbeddingsHost.Plain, "x"));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var keyed = host.Gateway.NewClient(await NewKeyAsync(limit: 0.00000001m));
        host.Gateway.Simulator!.Clear();
        using var poor = await keyed.PostAsJsonAsync("api/v1/embeddings", EmbeddingsHost.Body(EmbeddingsHost.Plain, "a few words more than that buys"));
        Assert.Equal(HttpStatusCode.PaymentRequired, poor.StatusCode);
        Assert.Contains("requires more credits", await poor.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(host.Gateway.Simulator.Requests);
    }

    [Theory]
    [InlineData(EmbeddingsHost.Plain)]
    [InlineData(EmbeddingsHost.Cohere)]
    public async Task OpenAIsClient_GetsItsVectors(string model)
    {
        var client = new OpenAIClient(new ApiKeyCredential(host.Gateway.Key), new OpenAIClientOptions { Endpoint = new Uri($"{host.Gateway.BaseUrl}/api/v1") });
        var options = new EmbeddingGenerationOptions { Dimensions = 16 };
        OpenAIEmbeddingCollection answer = await client.GetEmbeddingClient(model).GenerateEmbeddingsAsync(["one", "two words"], options);
        Assert.Equal([(0, 16), (1, 16)], answer.Select(one => (one.Index, one.ToFloats().Length)));
        Assert.Equal(3, answer.Usage.InputTokenCount);
    }

    private async Task<string> NewKeyAsync(decimal limit)
    {
        using var client = host.Gateway.NewClient(host.Gateway.ProvisioningKey);
        using var made = await client.PostAsJsonAsync("api/v1/keys", new JsonObject { ["name"] = "poor", ["limit"] = limit });
        return (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["key"]!;
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Fairlead.Accounts.Presets;
using Fairlead.Gateway.Tests.Messages;
using Fairlead.Gateway.Tests.Responses;
using Fairlead.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Presets as their users meet them (routing §3, platform §10.3): stored through the API, used by every client surface.</summary>
public sealed class PresetTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    private const string Prompt = "Answer in one word.";

    [Fact]
    public async Task Stored_Shown_Versioned_AndRestored()
    {
        var made = await SaveAsync("story", "chat/completions", """{"model":"acme/openai","messages":[{"role":"system","content":"S"},{"role":"user","content":"x"}],"temperature":0.5,"stream":true}""");
        Assert.Equal(("story", "story", "active", 1), ((string?)made["slug"], (string?)made["name"], (string?)made["status"], (int)made["designated_version"]!["version"]!));
        Assert.Equal("""{"model":"acme/openai","temperature":0.5}""", made["designated_version"]!["config"]!.ToJsonString());
        Assert.Equal(("S", (string?)made["id"]), ((string?)made["designated_version"]!["system_prompt"], (string?)made["designated_version"]!["preset_id"]));
        Assert.Equal((string?)made["designated_version_id"], (string?)made["designated_version"]!["id"]);
        Assert.StartsWith("user_", (string?)made["creator_user_id"], StringComparison.Ordinal);

        await SaveAsync("story", "messages", """{"model":"acme/anthropic","max_tokens":9,"messages":[]}""");
        var restored = await CallAsync(HttpMethod.Post, "api/v1/presets/story/versions/1/restore", 200);
        Assert.Equal((3, "S"), ((int)restored["data"]!["designated_version"]!["version"]!, (string?)restored["data"]!["designated_version"]!["system_prompt"]));
        Assert.Equal(restored.ToJsonString(), (await CallAsync(HttpMethod.Get, "api/v1/presets/story", 200)).ToJsonString());
        var versions = await CallAsync(HttpMethod.Get, "api/v1/presets/story/versions?offset=1", 200);
        Assert.Equal((3, """[2,3]"""), ((int)versions["total_count"]!, new JsonArray([.. versions["data"]!.AsArray().Select(one => one!["version"]!.DeepClone())]).ToJsonString()));
        Assert.Equal(9, (int)(await CallAsync(HttpMethod.Get, "api/v1/presets/story/versions/2", 200))["data"]!["config"]!["max_tokens"]!);
        var list = await CallAsync(HttpMethod.Get, "api/v1/presets?limit=100", 200);
        Assert.Equal((int)list["total_count"]!, list["data"]!.AsArray().Count);
        Assert.Null(list["data"]![0]!["designated_version"]);

        await CallAsync(HttpMethod.Get, "api/v1/presets/story/versions/4", 404);
        await CallAsync(HttpMethod.Post, "api/v1/presets/story/versions/x/restore", 404);
        Assert.Equal("Preset not found", (string?)(await CallAsync(HttpMethod.Get, "api/v1/presets/none", 404))["error"]!["message"]);
        await CallAsync(HttpMethod.Get, "api/v1/presets?limit=101", 400);
    }

    [Theory]
    [InlineData("Story", "{}", 400)]
    [InlineData("story", """{"temperature":9}""", 400)]
    [InlineData("story", """{"model":"@preset/other"}""", 400)]
    [InlineData("story", "nonsense", 400)]
    public async Task WrongPreset_IsRefused(string slug, string body, int status) => await CallAsync(HttpMethod.Post, $"api/v1/presets/{slug}/chat/completions", status, body);

    [Fact]
    public async Task TooLargePreset_IsRefused() => await CallAsync(
        HttpMethod.Post, "api/v1/presets/large/chat/completions", 413, $$"""{"messages":[{"role":"system","content":"{{new string('x', 66_000)}}"}]}""");

    [Theory]
    [InlineData("@preset/ways", null, "acme/openai")]
    [InlineData("@PRESET/Ways", null, "acme/openai")]
    [InlineData(null, "ways", "acme/openai")]
    [InlineData("acme/gemini", "ways", "acme/gemini")]
    [InlineData("acme/gemini@preset/ways", null, "acme/gemini")]
    [InlineData("acme/gemini:nitro@preset/ways", "ways", "acme/gemini")]
    public async Task ThreeWaysToCall_EachGetsThePreset(string? model, string? preset, string served)
    {
        var made = await SaveAsync("ways", "chat/completions", $$"""{"model":"acme/openai","messages":[{"role":"system","content":"{{Prompt}}"}],"temperature":0.25,"max_tokens":77}""");
        var body = ChatClient.Body();
        body.Remove("model");
        if (model is not null)
            body["model"] = model;
        if (preset is not null)
            body["preset"] = preset;
        body["temperature"] = 0.75;
        var reply = await host.ChatAsync(body);
        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal(served, (string?)reply.Json["model"]);
        var sent = LastSent();
        Assert.Contains(Prompt, sent, StringComparison.Ordinal);
        Assert.Contains("0.75", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("0.25", sent, StringComparison.Ordinal);
        Assert.Contains("77", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("preset", sent, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((string?)made["id"], (string?)(await host.GenerationAsync(reply.GenerationId))["preset_id"]);
    }

    [Theory]
    [InlineData("acme/openai")]
    [InlineData("acme/anthropic")]
    public async Task EveryClientSurface_CanUseOne_AndItsOwnSystemPromptFollows(string model)
    {
        var slug = model.Replace('/', '-');
        await SaveAsync(slug, "chat/completions", $$"""{"model":"{{model}}","messages":[{"role":"system","content":"{{Prompt}}"}],"stop":["NEVER"]}""");

        var message = MessagesClient.Body(model: $"@preset/{slug}");
        message["system"] = "Theirs.";
        var messages = await host.MessageAsync(message);
        Assert.True(messages.Status == 200, messages.Text);
        Assert.Equal(("hello", model), (messages.Content, (string?)messages.Message["model"]));
        PromptsAreInOrder();

        message.Remove("model");
        message["preset"] = slug;
        message["stream"] = true;
        Assert.Equal("hello", (await host.MessageAsync(message)).Content);
        PromptsAreInOrder();

        var asked = ResponsesCaller.Body("Repeat after me: hello", model: $"@preset/{slug}");
        asked["instructions"] = "Theirs.";
        var responses = await host.RespondAsync(asked);
        Assert.True(responses.Status == 200, responses.Text);
        Assert.Equal(("hello", "Theirs."), (responses.Content, (string?)responses.Response["instructions"]));
        PromptsAreInOrder();

        var completion = await CallAsync(HttpMethod.Post, "api/v1/completions", 200, $$"""{"model":"@preset/{{slug}}","prompt":"Repeat after me: hello"}""");
        Assert.Equal("hello", (string?)completion["choices"]![0]!["text"]);
        Assert.Contains("NEVER", LastSent(), StringComparison.Ordinal);

        var plain = await CountAsync(model);
        Assert.InRange(await CountAsync($"@preset/{slug}"), plain + 5, plain + 15);

        void PromptsAreInOrder()
        {
            var sent = LastSent();
            Assert.InRange(sent.IndexOf(Prompt, StringComparison.Ordinal), 0, sent.IndexOf("Theirs.", StringComparison.Ordinal));
            Assert.Contains("NEVER", sent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ChangedPreset_IsUsedByTheNextRequest()
    {
        await SaveAsync("changing", "chat/completions", """{"model":"acme/openai"}""");
        Assert.Equal("acme/openai", (string?)(await host.ChatAsync(ChatClient.Body(model: "@preset/changing"))).Json["model"]);
        await SaveAsync("changing", "chat/completions", """{"model":"acme/gemini"}""");
        Assert.Equal("acme/gemini", (string?)(await host.ChatAsync(ChatClient.Body(model: "@preset/changing"))).Json["model"]);
    }

    [Theory]
    [InlineData("@preset/none", null, null, 404, "Preset not found")]
    [InlineData("acme/openai", "none", null, 404, "Preset not found")]
    [InlineData("acme/openai@preset/one", "two", null, 400, "A request can use one preset: \"two\" and \"one\" were named.")]
    [InlineData("acme/openai@preset/one", null, "acme/gemini@preset/two", 400, "A request can use one preset: \"one\" and \"two\" were named.")]
    [InlineData("acme/openai", null, "@preset/two", 400, "A preset alone is named in \"model\"")]
    [InlineData("acme/openai@preset/bad", null, null, 200, null)]
    [InlineData("@preset/bad", null, null, 400, "acme/gone is not a valid model ID. It is the preset \"bad\", version ")]
    [InlineData("acme/gone@preset/bad", null, null, 400, "acme/gone is not a valid model ID")]
    public async Task PresetThatCannotBeUsed_SaysWhy(string model, string? preset, string? fallback, int status, string? message)
    {
        await SaveAsync("bad", "chat/completions", """{"models":["acme/gone","acme/openai"]}""");
        var body = ChatClient.Body(model: model);
        if (preset is not null)
            body["preset"] = preset;
        if (fallback is not null)
            body["models"] = new JsonArray(fallback);
        var reply = await host.ChatAsync(body);
        Assert.True(reply.Status == status, reply.Text);
        if (message is not null)
            Assert.StartsWith(message, (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);
        if (model == "@preset/bad")
            Assert.Equal("preset", (string?)reply.Json["error"]!["param"]);
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("archived")]
    public async Task PresetThatIsNotActive_IsNotFound_UntilItIsAgain(string status)
    {
        await SaveAsync("resting", "chat/completions", """{"model":"acme/openai"}""");
        var database = host.Services.GetRequiredService<Database>();
        async Task SetAsync(string to)
        {
            // No call of this version changes it; what does is the operator, or a later version.
            await database.WriteAsync(
                async (connection, transaction) => await connection.ExecuteAsync(
                    "UPDATE presets SET status = @to, revision = (SELECT MAX(revision) + 1 FROM presets) WHERE slug = 'resting'", new { to }, transaction),
                "changing a preset");
            await host.Services.GetRequiredService<PresetIndex>().RefreshAsync();
        }

        await SetAsync(status);
        foreach (var model in (string[])["@preset/resting", "acme/openai@preset/resting"])
        {
            var reply = await host.ChatAsync(ChatClient.Body(model: model));
            Assert.Equal((404, "Preset not found"), (reply.Status, (string?)reply.Json["error"]!["message"]));
        }

        await SetAsync("active");
        Assert.Equal(200, (await host.ChatAsync(ChatClient.Body(model: "@preset/resting"))).Status);
    }

    private async Task<int> CountAsync(string model) =>
        (int)(await CallAsync(HttpMethod.Post, "api/v1/messages/count_tokens", 200, $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]}"""))["input_tokens"]!;

    private string LastSent() => host.Simulator!.Requests[^1].BodyText;

    private async Task<JsonNode> SaveAsync(string slug, string surface, string body) => (await CallAsync(HttpMethod.Post, $"api/v1/presets/{slug}/{surface}", 200, body))["data"]!;

    private async Task<JsonNode> CallAsync(HttpMethod method, string path, int status, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, text);
        return JsonNode.Parse(text)!;
    }
}

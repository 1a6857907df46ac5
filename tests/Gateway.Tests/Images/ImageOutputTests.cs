using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Responses;

namespace Fairlead.Gateway.Tests.Images;

/// <summary>Answers with images, real sockets on both sides.</summary>
public sealed class ImageOutputTests(ImagesHost host) : IClassFixture<ImagesHost>
{
    /// <summary>What the simulator counts for an image.</summary>
    private const int ImageTokens = 1290;

    private GatewayHost Gateway => host.Gateway;

    public static TheoryData<string, bool> ModelsStreamedAndNot()
    {
        var data = new TheoryData<string, bool>();
        foreach (var model in (string[])[ImagesHost.Chat, ImagesHost.Flash, ImagesHost.Pro, ImagesHost.Vertex])
        {
            data.Add(model, false);
            data.Add(model, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ModelsStreamedAndNot))]
    public async Task ImagesAskedFor_ComeInTheirShape_AndAreCharged(string model, bool stream)
    {
        var body = Draw(model, "Draw 2 images of a fish", stream);
        body["image_config"] = new JsonObject { ["aspect_ratio"] = "16:9" };
        var reply = await Gateway.ChatAsync(body);

        Assert.True(reply.Status == 200, reply.Text);
        var images = Images(reply, stream);
        Assert.Equal([0, 1], images.Select(image => (int)image["index"]!));
        Assert.All(images, image => Assert.Equal("image_url", (string?)image["type"]));
        Assert.All(images, image => Assert.Equal((64, 36), SizeOf(image)));
        Assert.NotEqual(images[0].ToJsonString(), images[1].ToJsonString());
        Assert.Contains("Draw 2 images of a fish", reply.Content, StringComparison.Ordinal);
        Assert.Equal("stop", reply.Finish);

        var usage = reply.Usage!;
        Assert.Equal(2 * ImageTokens, (int)usage["completion_tokens_details"]!["image_tokens"]!);
        var words = (int)usage["completion_tokens"]! - (2 * ImageTokens);
        Assert.True(words > 0);
        Assert.Equal(((int)usage["prompt_tokens"]! * 0.000001m) + (words * 0.000002m) + (2 * ImageTokens * 0.00003m), reply.Cost);
        var record = await Gateway.GenerationAsync(reply.GenerationId);
        Assert.Equal((2 * ImageTokens, 2, reply.Cost), ((int)record["native_tokens_completion_images"]!, (int)record["num_media_completion"]!, (decimal)record["total_cost"]!));
    }

    [Theory]
    [MemberData(nameof(ModelsStreamedAndNot))]
    public async Task ImagesOfEarlierTurns_GoBackToTheModel_ByteForByte(string model, bool stream)
    {
        var body = Draw(model, "Draw a fish", stream);
        var drawn = new List<string>();
        for (var turn = 0; turn < 3; turn++)
        {
            var reply = await Gateway.ChatAsync(body);
            Assert.True(reply.Status == 200, reply.Text); // of a changed or missing signature the simulator makes a 400
            var message = reply.Message(stream);
            var images = Images(reply, stream);
            drawn.AddRange(images.Select(UrlOf));
            message["images"] = new JsonArray([.. images.Select(image => image.DeepClone())]);
            body["messages"]!.AsArray().Add(message.DeepClone());
            body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = $"Again, {turn}" });
        }

        Assert.Equal(200, (await Gateway.ChatAsync(body)).Status);
        var sent = Sent();
        var seen = sent["contents"] is JsonArray contents
            ? contents.Where(turn => (string?)turn!["role"] == "model").SelectMany(turn => turn!["parts"]!.AsArray()).Where(part => part!["inlineData"] is not null)
                .Select(part => $"data:{(string?)part!["inlineData"]!["mimeType"]};base64,{(string?)part["inlineData"]!["data"]}")
            : sent["messages"]!.AsArray().SelectMany(message => message!["images"]?.AsArray() ?? []).Select(image => UrlOf(image!));
        Assert.Equal(drawn, seen);
        if (model is ImagesHost.Pro or ImagesHost.Vertex)
            Assert.DoesNotContain("skip_thought_signature_validator", sent.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImagesOfAnotherModel_AreTakenToo()
    {
        foreach (var model in (string[])[ImagesHost.Pro, ImagesHost.Seeing, ImagesHost.Claude])
        {
            var reply = await Gateway.ChatAsync(await AfterAnImageAsync(model));
            Assert.True(reply.Status == 200, $"{model}: {reply.Text}");
            Assert.Contains("iVBORw0KGgo", Sent().ToJsonString(), StringComparison.Ordinal);
            if (model == ImagesHost.Seeing)
                Assert.Equal(["user", "assistant", "user", "user"], Sent()["messages"]!.AsArray().Select(message => (string?)message!["role"]));
            if (model == ImagesHost.Claude)
                Assert.Equal(["image", "text"], Sent()["messages"]![2]!["content"]!.AsArray().Select(block => (string?)block!["type"]));
        }
    }

    [Fact]
    public async Task ImagesOfAnAnswer_GoToNoModelThatReadsNone()
    {
        var reply = await Gateway.ChatAsync(await AfterAnImageAsync(ImagesHost.Blind));
        Assert.Equal((404, "No endpoints found that support image input."), (reply.Status, (string?)reply.Json["error"]!["message"]));
    }

    [Fact]
    public async Task ModelThatMakesNone_IsA404ThatSaysSo()
    {
        var reply = await Gateway.ChatAsync(Draw(ImagesHost.Seeing, "Draw a fish"));
        Assert.Equal(404, reply.Status);
        Assert.Equal("No endpoints found that support the requested output modalities: image, text.", (string?)reply.Json["error"]!["message"]);
    }

    [Fact]
    public async Task ShapeTheModelDoesNotKnow_IsItsOwn400()
    {
        var body = Draw(ImagesHost.Flash, "Draw a fish");
        body["image_config"] = new JsonObject { ["aspect_ratio"] = "7:3" };
        var reply = await Gateway.ChatAsync(body);
        Assert.Equal(400, reply.Status);
        Assert.Contains("7:3", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ImagesOfAProviderThatCountsNothing_AreCountedHere(bool stream)
    {
        var reply = await Gateway.ChatAsync(Draw(ImagesHost.Uncounted, "Draw a fish", stream));
        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal(ImageTokens, (int)reply.Usage!["completion_tokens_details"]!["image_tokens"]!);
        Assert.True(reply.Cost > ImageTokens * 0.00003m);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientOfResponses_GetsItemsAndSendsThemBack(bool stream)
    {
        var body = ResponsesCaller.Body(new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Draw a fish" }), stream, ImagesHost.Pro);
        body["modalities"] = new JsonArray("image", "text");
        var first = await Gateway.RespondAsync(body);
        Assert.True(first.Status == 200, first.Text);
        var item = Assert.Single(first.Items("image_generation_call"));
        Assert.StartsWith("iVBORw0KGgo", (string?)item["result"], StringComparison.Ordinal);

        foreach (var one in first.Response["output"]!.AsArray())
            body["input"]!.AsArray().Add(one!.DeepClone());
        body["input"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "Bluer" });
        var second = await Gateway.RespondAsync(body);
        Assert.True(second.Status == 200, second.Text);
        var part = Assert.Single(Sent()["contents"]![1]!["parts"]!.AsArray(), part => part!["inlineData"] is not null)!;
        Assert.Equal((string?)item["result"], (string?)part["inlineData"]!["data"]);

        body["input"]!.AsArray().Add(new JsonObject { ["type"] = "image_generation_call", ["id"] = "ig_1", ["status"] = "completed", ["result"] = "not base64!" });
        var refused = await Gateway.RespondAsync(body);
        Assert.Equal(400, refused.Status);
        Assert.Contains("].result must be base64", refused.Text, StringComparison.Ordinal);
    }

    private static JsonObject Draw(string model, string text, bool stream = false)
    {
        var body = ChatClient.Body(text, stream, model);
        body["modalities"] = new JsonArray("image", "text");
        return body;
    }

    private async Task<JsonObject> AfterAnImageAsync(string model)
    {
        var body = Draw(ImagesHost.Chat, "Draw a fish");
        var message = (await Gateway.ChatAsync(body)).Message(stream: false);
        body["messages"]!.AsArray().Add(message.DeepClone());
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "What is it?" });
        body["model"] = model;
        body.Remove("modalities");
        return body;
    }

    private JsonNode Sent() => JsonNode.Parse(Gateway.Simulator!.Requests[^1].BodyText)!;

    private static List<JsonNode> Images(ChatReply reply, bool stream) => stream
        ? [.. reply.Events.SelectMany(e => e["choices"]!.AsArray()).SelectMany(choice => choice!["delta"]!["images"]?.AsArray() ?? []).OfType<JsonNode>()]
        : [.. reply.Message(stream)["images"]!.AsArray().OfType<JsonNode>()];

    private static string UrlOf(JsonNode image) => (string)image["image_url"]!["url"]!;

    private static (int Width, int Height) SizeOf(JsonNode image)
    {
        const string Png = "data:image/png;base64,";
        Assert.StartsWith(Png, UrlOf(image), StringComparison.Ordinal);
        var bytes = Convert.FromBase64String(UrlOf(image)[Png.Length..]);
        return (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20)));
    }
}
